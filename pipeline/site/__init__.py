"""The static analyst site: pages of the published warehouse that open from a folder, with no server and no network.

Belongs here: questions to the published file (sql/site), their answers as script files that pages load on demand, the
pages (templates/) and what runs in them (assets/), and the small server that shows the folder on this machine. Does not
belong here: figures of its own (sql/ makes them), reading documents (whoever calls passes a reader of source text),
Dagster, the command line.
"""

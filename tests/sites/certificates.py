"""TLS as old servers offer it: four kinds that a strict client refuses.

Belongs here: certificates made on the spot with the openssl program, and server contexts. Does not belong here: sites.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
import tempfile
import warnings
from functools import cache
from pathlib import Path

# self_signed: nobody vouches for it. tls10: speaks nothing newer. weak_key: 1,024 bits. old_cipher: AES128-SHA alone
TLS_KINDS = ("self_signed", "tls10", "weak_key", "old_cipher")


def explain_absence() -> str:
    """Why no certificate can be made here, '' where they can."""
    return "" if shutil.which("openssl") else "the openssl program is not installed"


def make_server_context(kind: str) -> ssl.SSLContext:
    """The context of a server of one of TLS_KINDS; RuntimeError where openssl is missing."""
    certificate = _make_certificate(1024 if kind == "weak_key" else 2048)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind != "self_signed":
        context.set_ciphers("AES128-SHA:@SECLEVEL=0" if kind == "old_cipher" else "ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            # That they are old is the point
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = ssl.TLSVersion.TLSv1 if kind == "tls10" else ssl.TLSVersion.TLSv1_2
            context.minimum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(certificate)
    return context


@cache
def _make_certificate(bits: int) -> Path:
    if reason := explain_absence():
        raise RuntimeError(reason)
    folder = Path(tempfile.mkdtemp(prefix="touming-certificate-"))
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", f"rsa:{bits}", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both

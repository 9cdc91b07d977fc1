"""The manifests in deploy/kubernetes: valid for the API, of one piece, and harmless. Nothing here needs a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.cli.worker import command
from pipeline.paths import REPO_ROOT

FOLDER = REPO_ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
FILES = KUSTOMIZATION["resources"]
OBJECTS = [one for name in FILES for one in yaml.safe_load_all((FOLDER / name).read_text())]
DEPLOYMENTS = [one for one in OBJECTS if one["kind"] == "Deployment"]
# A folder with the packages of requirements-spread-tests.lock
PACKAGES = os.environ.get("TOUMING_SPREAD_TESTS", "")


def find(kind: str, name: str) -> dict[str, Any]:
    return next(one for one in OBJECTS if one["kind"] == kind and one["metadata"]["name"] == name)


def test_every_manifest_belongs_to_the_kustomization():
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert files == set(KUSTOMIZATION["resources"])


@pytest.mark.skipif(not PACKAGES, reason="TOUMING_SPREAD_TESTS names no folder with kubernetes-validate")
def test_objects_are_what_the_api_takes(tmp_path: Path):
    script = "import sys, yaml, kubernetes_validate as kv\n" + (
        "for one in yaml.safe_load_all(open(sys.argv[1])): kv.validate(one, kv.latest_version(), strict=True)"
    )
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(OBJECTS))
    run = [sys.executable, "-c", script, str(tmp_path / "all.yaml")]
    done = subprocess.run(run, env={**os.environ, "PYTHONPATH": PACKAGES}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda one: one["metadata"]["name"])
def test_pods_are_found_by_their_deployment_and_may_do_little(deployment):
    template = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert template["spec"]["securityContext"]["runAsNonRoot"]
    assert template["spec"]["automountServiceAccountToken"] is False
    for container in template["spec"]["containers"]:
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["resources"]["limits"]["memory"]
        volumes = {volume["name"] for volume in template["spec"]["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes


def test_service_and_network_policy_select_the_scheduler():
    scheduler = find("Deployment", "touming-scheduler")["spec"]["template"]
    service = find("Service", "touming-scheduler")["spec"]
    assert service["selector"].items() <= scheduler["metadata"]["labels"].items()
    ports = {port["name"]: port["containerPort"] for port in scheduler["spec"]["containers"][0]["ports"]}
    assert [ports[port["targetPort"]] for port in service["ports"]] == [port["port"] for port in service["ports"]]
    policy = find("NetworkPolicy", "touming-reading")["spec"]
    for deployment in DEPLOYMENTS:
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()


def test_workers_are_started_as_the_command_takes_it():
    container = find("Deployment", "touming-worker")["spec"]["template"]["spec"]["containers"][0]
    program, name, *arguments = container["command"]
    assert (program, name) == ("touming", "worker")
    settings = find("ConfigMap", "touming-reading")["data"]
    given = {**{f"--{key.removeprefix('TOUMING_').lower()}": value for key, value in settings.items()}}
    options = {option for parameter in command.params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= options
    required = {parameter.opts[0] for parameter in command.params if parameter.required}
    assert required <= given.keys()
    named = [source["configMapRef"]["name"] for source in container["envFrom"] if "configMapRef" in source]
    assert named == ["touming-reading"]

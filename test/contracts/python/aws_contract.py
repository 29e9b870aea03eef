"""What Certwright relies on in AWS, said through boto3 and the AWS CLI, against the simulated AWS over HTTP.

Each function whose name begins with ``test_`` is one fact and gets its own names, so that all share one server. Prints a line a fact and,
last, ``N passed, N failed``; ends 1 when one failed.
"""

import inspect
import json
import os
import subprocess
import sys
import time
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
REGION = "eu-central-1"
ACCOUNT = "111122223333"
CREDENTIALS = {"aws_access_key_id": "AKIDCERTWRIGHT", "aws_secret_access_key": "any"}
ALL_KEY_TYPES = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]


class World:
    """The server, and clients of it."""

    def __init__(self, url):
        self.url = url
        self.acm = self.client("acm")
        self.route53 = self.client("route53")
        self.elbv2 = self.client("elbv2")
        self.tagging = self.client("resourcegroupstaggingapi")
        self.sts = self.client("sts")

    def client(self, service, **credentials):
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20)
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, config=config, **(credentials or CREDENTIALS))

    def cli(self, *arguments, expect=0):
        """Runs the AWS CLI as a user would, with nothing but environment variables; gives its JSON, or its error text."""
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }
        command = [os.path.join(os.path.dirname(sys.executable), "aws"), "--output", "json", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == expect, f"aws {' '.join(arguments)}: {done.returncode}: {done.stderr}"
        if expect:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def request(self, name, **more):
        return self.acm.request_certificate(DomainName=name, ValidationMethod="DNS", **more)["CertificateArn"]

    def issue(self, name):
        """Asks for a certificate and proves its names in a zone of its own; gives the ARN once it is issued."""
        zone = self.route53.create_hosted_zone(Name=name, CallerReference=f"for {name}")["HostedZone"]["Id"]
        arn = self.request(name)
        certificate = self.acm.describe_certificate(CertificateArn=arn)["Certificate"]
        records = [option["ResourceRecord"] for option in certificate["DomainValidationOptions"]]
        self.change(zone, *[change("CREATE", record["Name"], record["Value"]) for record in records])
        deadline = time.monotonic() + 20
        while self.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] != "ISSUED":
            assert time.monotonic() < deadline, f"{arn} was not issued within 20 s"
            time.sleep(0.2)
        return arn

    def change(self, zone, *changes):
        return self.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": list(changes)})


def change(action, name, value, kind="CNAME", ttl=300):
    record = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value}]}
    return {"Action": action, "ResourceRecordSet": record}


def failure(code, call, **arguments):
    """The message of the error that ``call`` must fail with."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response["Error"]
        return error.response["Error"]["Message"]
    raise AssertionError(f"expected {code}, and the call succeeded")


# boto3


def test_boto3_identity(world):
    identity = world.sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/certwright"


def test_boto3_a_role_is_assumed_with_its_external_id_and_acts_in_its_account(world):
    role = {"RoleArn": "arn:aws:iam::222222222222:role/dns", "RoleSessionName": "python"}
    failure("AccessDenied", world.sts.assume_role, **role)
    session = world.sts.assume_role(**role, ExternalId="secret")["Credentials"]
    inside = world.client(
        "sts",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    assert inside.get_caller_identity()["Account"] == "222222222222"


def test_boto3_an_unknown_access_key_is_refused_by_each_protocol(world):
    stranger = {"aws_access_key_id": "AKIDNOBODY", "aws_secret_access_key": "any"}
    failure("UnrecognizedClientException", world.client("acm", **stranger).list_certificates)
    failure("InvalidClientTokenId", world.client("route53", **stranger).list_hosted_zones)
    failure("InvalidClientTokenId", world.client("elbv2", **stranger).describe_load_balancers)


def test_boto3_a_certificate_is_requested_proven_and_issued(world):
    arn = world.issue("life.test")
    certificate = world.acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert certificate["KeyAlgorithm"] == "RSA-2048"
    assert certificate["DomainValidationOptions"][0]["ValidationStatus"] == "SUCCESS"
    assert round((certificate["NotAfter"] - certificate["NotBefore"]).total_seconds() / 86400) == 198
    files = world.acm.get_certificate(CertificateArn=arn)
    assert files["Certificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert files["CertificateChain"].startswith("-----BEGIN CERTIFICATE-----")


def test_boto3_the_waiter_of_acm_is_content(world):
    arn = world.issue("waiter.test")
    world.acm.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 2})


def test_boto3_errors_of_acm_are_named(world):
    failure("ValidationException", world.request, name="a_b.test")
    failure("ResourceNotFoundException", world.acm.describe_certificate, CertificateArn=arn_of_nothing())
    names = [f"n{index}.test" for index in range(11)]
    message = failure("LimitExceededException", world.request, name="n0.test", SubjectAlternativeNames=names)
    assert message == "Certificate has too many domains."
    failure("ValidationException", world.request, name="tags.test", Tags=[{"Key": "k", "Value": "*.x"}])


def test_boto3_the_paginator_lists_all_certificates(world):
    arns = {world.request(f"p{index}.paged.test", KeyAlgorithm="EC_prime256v1") for index in range(5)}
    pages = world.acm.get_paginator("list_certificates").paginate(
        Includes={"keyTypes": ALL_KEY_TYPES}, PaginationConfig={"PageSize": 2}
    )
    found = {summary["CertificateArn"] for page in pages for summary in page["CertificateSummaryList"]}
    assert arns <= found
    hidden = {summary["CertificateArn"] for summary in world.acm.list_certificates()["CertificateSummaryList"]}
    assert not arns & hidden


def test_boto3_tags_are_kept_and_found(world):
    arn = world.request("tagged.test", Tags=[{"Key": "owner", "Value": "one"}])
    world.acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "more", "Value": "two"}])
    world.acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "owner", "Value": "another"}])
    tags = world.acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
    assert tags == [{"Key": "owner", "Value": "one"}, {"Key": "more", "Value": "two"}]
    pages = world.tagging.get_paginator("get_resources").paginate(
        ResourceTypeFilters=["acm:certificate"], TagFilters=[{"Key": "owner", "Values": ["one"]}]
    )
    found = [mapping for page in pages for mapping in page["ResourceTagMappingList"]]
    assert found == [{"ResourceARN": arn, "Tags": tags}]


def test_boto3_zones_and_records_are_written_listed_and_deleted(world):
    created = world.route53.create_hosted_zone(Name="Zone.test", CallerReference="zone.test")
    assert len(created["DelegationSet"]["NameServers"]) == 4
    zone = created["HostedZone"]["Id"]
    written = world.change(zone, change("CREATE", "*.a.zone.test", "x.test"))
    assert written["ChangeInfo"]["Status"] == "PENDING"
    world.route53.get_waiter("resource_record_sets_changed").wait(
        Id=written["ChangeInfo"]["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 2}
    )
    pages = world.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 1})
    names = [record["Name"] for page in pages for record in page["ResourceRecordSets"]]
    assert names == ["zone.test.", "zone.test.", "\\052.a.zone.test."]
    world.change(zone, change("DELETE", "*.a.zone.test", "x.test"))
    world.route53.delete_hosted_zone(Id=zone)
    failure("NoSuchHostedZone", world.route53.get_hosted_zone, Id=zone)


def test_boto3_a_batch_that_is_refused_changes_nothing_and_says_why(world):
    zone = world.route53.create_hosted_zone(Name="batch.test", CallerReference="batch.test")["HostedZone"]["Id"]
    world.change(zone, change("CREATE", "a.batch.test", "x.test"))
    good, bad = change("CREATE", "b.batch.test", "x.test"), change("CREATE", "a.batch.test", "x.test")
    message = failure(
        "InvalidChangeBatch",
        world.route53.change_resource_record_sets,
        HostedZoneId=zone,
        ChangeBatch={"Changes": [good, bad]},
    )
    assert message == "[Tried to create resource record set [name='a.batch.test.', type='CNAME'] but it already exists]", message
    records = world.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert len(records) == 3


def test_boto3_zones_by_name_begin_with_the_name(world):
    world.route53.create_hosted_zone(Name="byname.test", CallerReference="byname.test")
    zones = world.route53.list_hosted_zones_by_name(DNSName="byname.test")["HostedZones"]
    assert zones[0]["Name"] == "byname.test."


def test_boto3_a_load_balancer_serves_certificates_and_keeps_them_from_being_deleted(world):
    default, other = world.issue("lb-one.test"), world.issue("lb-two.test")
    arn = world.elbv2.create_load_balancer(Name="python", Subnets=["s-1", "s-2"])["LoadBalancers"][0]["LoadBalancerArn"]
    listener = world.elbv2.create_listener(
        LoadBalancerArn=arn,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": default}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    world.elbv2.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    served = world.elbv2.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    assert [(item["CertificateArn"], item["IsDefault"]) for item in served] == [(default, True), (other, False)]
    assert world.acm.describe_certificate(CertificateArn=other)["Certificate"]["InUseBy"] == [arn]
    message = failure("ResourceInUseException", world.acm.delete_certificate, CertificateArn=other)
    assert message == f"Certificate {other} in account {ACCOUNT} is in use."
    message = failure(
        "OperationNotPermitted",
        world.elbv2.remove_listener_certificates,
        ListenerArn=listener,
        Certificates=[{"CertificateArn": default}],
    )
    world.elbv2.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    world.acm.delete_certificate(CertificateArn=other)
    nothing = arn_of_nothing()
    message = failure(
        "CertificateNotFound",
        world.elbv2.add_listener_certificates,
        ListenerArn=listener,
        Certificates=[{"CertificateArn": nothing}],
    )
    assert message == f"Certificate '{nothing}' not found"
    world.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    world.acm.delete_certificate(CertificateArn=default)


def test_boto3_a_certificate_that_is_not_issued_is_unsupported(world):
    pending = world.request("unissued.test")
    arn = world.elbv2.create_load_balancer(Name="unissued", Subnets=["s-1", "s-2"])["LoadBalancers"][0]["LoadBalancerArn"]
    failure(
        "UnsupportedCertificate",
        world.elbv2.create_listener,
        LoadBalancerArn=arn,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": pending}],
        DefaultActions=[{"Type": "fixed-response"}],
    )


def test_boto3_an_unknown_operation_is_refused(world):
    failure("InvalidAction", world.elbv2.describe_target_groups)
    failure("UnknownOperationException", world.tagging.get_tag_keys)


# The AWS CLI


def test_cli_identity(world):
    assert world.cli("sts", "get-caller-identity")["Account"] == ACCOUNT


def test_cli_a_certificate_is_requested_described_listed_tagged_and_deleted(world):
    arn = world.cli(
        "acm", "request-certificate", "--domain-name", "cli.test", "--validation-method", "DNS",
        "--idempotency-token", "cli1", "--tags", "Key=owner,Value=cli",
    )["CertificateArn"]
    detail = world.cli("acm", "describe-certificate", "--certificate-arn", arn)["Certificate"]
    assert detail["Status"] == "PENDING_VALIDATION"
    assert detail["DomainValidationOptions"][0]["ResourceRecord"]["Type"] == "CNAME"
    listed = world.cli("acm", "list-certificates", "--certificate-statuses", "PENDING_VALIDATION")["CertificateSummaryList"]
    assert arn in [summary["CertificateArn"] for summary in listed]
    tags = world.cli("acm", "list-tags-for-certificate", "--certificate-arn", arn)["Tags"]
    assert tags == [{"Key": "owner", "Value": "cli"}]
    found = world.cli("resourcegroupstaggingapi", "get-resources", "--tag-filters", "Key=owner,Values=cli")
    assert [mapping["ResourceARN"] for mapping in found["ResourceTagMappingList"]] == [arn]
    world.cli("acm", "delete-certificate", "--certificate-arn", arn)
    error = world.cli("acm", "describe-certificate", "--certificate-arn", arn, expect=255)
    assert "(ResourceNotFoundException)" in error, error


def test_cli_a_zone_is_made_and_a_record_written(world):
    zone = world.cli("route53", "create-hosted-zone", "--name", "clizone.test", "--caller-reference", "cli")["HostedZone"]["Id"]
    batch = json.dumps({"Changes": [change("UPSERT", "a.clizone.test", "x.test")]})
    written = world.cli("route53", "change-resource-record-sets", "--hosted-zone-id", zone, "--change-batch", batch)
    world.cli("route53", "wait", "resource-record-sets-changed", "--id", written["ChangeInfo"]["Id"])
    records = world.cli("route53", "list-resource-record-sets", "--hosted-zone-id", zone)["ResourceRecordSets"]
    assert [record["Type"] for record in records] == ["NS", "SOA", "CNAME"]
    zones = world.cli("route53", "list-hosted-zones")["HostedZones"]
    assert zone in [item["Id"] for item in zones]
    error = world.cli("route53", "delete-hosted-zone", "--id", zone, expect=255)
    assert "(HostedZoneNotEmpty)" in error, error


def test_cli_a_load_balancer_and_its_listener_are_made_and_described(world):
    certificate = world.issue("clilb.test")
    made = world.cli("elbv2", "create-load-balancer", "--name", "cli", "--subnets", "s-1", "s-2", "--tags", "Key=k,Value=v")
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    world.cli(
        "elbv2", "create-listener", "--load-balancer-arn", arn, "--protocol", "HTTPS", "--port", "443",
        "--certificates", f"CertificateArn={certificate}", "--default-actions", "Type=fixed-response,FixedResponseConfig={StatusCode=404}",
    )
    listeners = world.cli("elbv2", "describe-listeners", "--load-balancer-arn", arn)["Listeners"]
    assert listeners[0]["Certificates"] == [{"CertificateArn": certificate}]
    described = world.cli("elbv2", "describe-load-balancers", "--names", "cli")["LoadBalancers"]
    assert described[0]["DNSName"].endswith(f".{REGION}.elb.amazonaws.com")
    tags = world.cli("elbv2", "describe-tags", "--resource-arns", arn)["TagDescriptions"]
    assert tags == [{"ResourceArn": arn, "Tags": [{"Key": "k", "Value": "v"}]}]
    world.cli("elbv2", "delete-load-balancer", "--load-balancer-arn", arn)


def arn_of_nothing():
    return f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-4000-8000-00000000dead"


def main():
    node = os.path.join(ROOT, "node_modules", ".bin", "node")
    server = subprocess.Popen(
        [node, os.path.join(HERE, "serve.ts")], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    passed = failed = 0
    try:
        line = server.stdout.readline()
        if not line:
            raise SystemExit("the simulated AWS did not start: see above")
        world = World(json.loads(line)["url"])
        for name, test in inspect.getmembers(sys.modules[__name__], inspect.isfunction):
            if not name.startswith("test_"):
                continue
            sentence = name.removeprefix("test_").replace("_", " ")
            try:
                test(world)
                passed += 1
                print(f"ok      {sentence}")
            except Exception:
                failed += 1
                print(f"FAILED  {sentence}")
                traceback.print_exc(file=sys.stdout)
    finally:
        server.stdin.close()
        server.wait(timeout=10)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

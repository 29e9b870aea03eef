#!/bin/sh
# Drives the simulated AWS with boto3 and the AWS CLI, pinned, in a virtual environment of their own. The last line is "N passed, N failed".
set -eu
cd "$(dirname "$0")/../../.."

venv=.cache/venv
requirements=test/contracts/python/requirements.txt
if ! command -v python3 >/dev/null 2>&1; then
  echo "test-aws-clients: python3 is not installed; install Python 3.9 or newer with its venv module, and run this again" >&2
  exit 1
fi
if ! cmp -s "$requirements" "$venv/requirements.txt"; then
  rm -rf "$venv"
  mkdir -p .cache
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$venv/requirements.txt"
fi

# Nothing of the caller's own configuration may reach the clients.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_CA_BUNDLE
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
exec "$venv/bin/python" test/contracts/python/aws_contract.py

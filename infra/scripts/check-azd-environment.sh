#!/usr/bin/env bash
# Run by azd before it provisions: says what is missing before anything is made in Azure.
set -euo pipefail

if [[ "${1:-}" == "--help" ]]; then
  echo "usage: check-azd-environment.sh"
  echo "Looks at the variables of the azd environment (azd env set NAME VALUE); exits with 1 and what is missing."
  exit 0
fi

missing=0
complain() {
  echo "check-azd-environment: $1" >&2
  missing=1
}

# azd takes more than Azure does: container apps and Redis are named after it, and would refuse it in the midst of things.
name="${AZURE_ENV_NAME:-}"
[[ "$name" =~ ^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$ && ${#name} -le 17 ]] ||
  complain "AZURE_ENV_NAME must be 1 to 17 letters, digits and single hyphens between them, is '$name': azd env new lab"

[[ -n "${FLEETQUAKE_ALERT_EMAIL:-}" ]] ||
  complain "FLEETQUAKE_ALERT_EMAIL is not set: azd env set FLEETQUAKE_ALERT_EMAIL you@example.com"

# The API listens to the internet, and does not start where it does not know who may call.
[[ -n "${FLEETQUAKE_API_KEYS_OPERATE:-}${FLEETQUAKE_API_AUDIENCE:-}" ]] ||
  complain "set FLEETQUAKE_API_KEYS_OPERATE (name=SHA-256 of a key) or FLEETQUAKE_API_AUDIENCE (app registration)"

if [[ -n "${FLEETQUAKE_COMMAND_PUBLIC_KEY:-}" && -z "${FLEETQUAKE_COMMAND_PRIVATE_KEY:-}" ]]; then
  complain "FLEETQUAKE_COMMAND_PUBLIC_KEY needs FLEETQUAKE_COMMAND_PRIVATE_KEY: workers would drop every command"
fi

exit "$missing"

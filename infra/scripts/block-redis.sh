#!/usr/bin/env bash
# Cuts the apps off from Redis by a rule of their network security group, for a time.
set -euo pipefail
# shellcheck source=infra/scripts/block-rules.sh
source "$(dirname "${BASH_SOURCE[0]}")/block-rules.sh"

usage() {
  cat <<'TEXT'
usage: block-redis.sh --resource-group GROUP --nsg NAME --destination PREFIX --api-url URL [options]

Denies the way to Redis by a rule, resets the fleet's connections and looks whether the API has lost Redis. The reset is
needed: a rule keeps new connections out, and established ones live on.

  --destination PREFIX  addresses of Redis (azd env get-value FLEETQUAKE_REDIS_PREFIX)
  --api-url URL         origin of the API (azd env get-value FLEETQUAKE_API_URL)
  --ttl SECONDS         how long the block lasts, 1 to 86400; default 300
  --settle SECONDS      wait between rule and reset, for Azure to apply it; default 15
  --patience SECONDS    how long the API may take to lose Redis; default 60
  --dry-run             say what would be done; changes nothing
  --help                this text

FLEETQUAKE_API_KEY holds the key for the API, or FLEETQUAKE_API_TOKEN an access token.

The rule goes away after the TTL: a process of its own removes it, which outlives this shell and its terminal, but not this
machine. The rule's description says when it ends, so that `unblock-redis.sh --expired` can be run by anybody, anywhere.
Whatever fails on the way, the rule is removed at once. Only rules that this script made are ever removed.
TEXT
}

die() {
  echo "block-redis: $1" >&2
  exit "${2:-1}"
}

resource_group="" nsg="" destination="" api_url="" ttl=300 settle=15 patience=60 dry_run=0
while (($# > 0)); do
  case "$1" in
    --help) usage && exit 0 ;;
    --dry-run) dry_run=1 && shift && continue ;;
    --resource-group | --nsg | --destination | --api-url | --ttl | --settle | --patience)
      (($# >= 2)) || die "$1 needs a value" 2
      variable="${1#--}"
      printf -v "${variable//-/_}" '%s' "$2"
      shift 2
      ;;
    *) die "unknown option $1; see --help" 2 ;;
  esac
done
[[ -n "$resource_group" && -n "$nsg" ]] || die "--resource-group and --nsg are needed" 2
[[ "$destination" =~ ^[0-9a-fA-F.:]+(/[0-9]{1,3})?$ ]] || die "--destination must be an address or a prefix such as 10.60.4.0/27" 2
[[ "$api_url" =~ ^https?://[^/]+$ ]] || die "--api-url must be an origin such as https://chaos.example.com" 2
{ is_number "$ttl" && ((ttl >= 1 && ttl <= 86400)); } || die "--ttl must be 1 to 86400 seconds" 2
is_number "$settle" || die "--settle must be a number of seconds" 2
is_number "$patience" || die "--patience must be a number of seconds" 2

# The first priority that is free, since the lower number wins over whatever else the group has.
free_priority() {
  local taken priority
  taken="$(az network nsg rule list --resource-group "$resource_group" --nsg-name "$nsg" --output tsv \
    --query "[?direction=='Outbound'].[priority]")"
  for ((priority = 100; priority <= 4096; priority++)); do
    if ! grep -qx "$priority" <<<"$taken"; then
      echo "$priority"
      return 0
    fi
  done
  return 1
}

# Removes an own rule whose time is over, refuses where another still blocks.
clear_way() {
  local own name ends now
  own="$(list_own_rules)"
  now="$(moment_in 0)"
  while IFS=$'\t' read -r name ends; do
    [[ -n "$name" ]] || continue
    [[ "$ends" < "$now" ]] || die "$name blocks already, until $ends: unblock-redis.sh --rule $name ends it"
    if ((dry_run)); then
      echo "would remove $name, which ended $ends"
    else
      delete_own_rule "$name"
    fi
  done <<<"$own"
}

# The caller's secret goes by standard input: what stands on a command line, every user of this machine can read.
reset_fleet() {
  local header="" answer status
  [[ -z "${FLEETQUAKE_API_KEY:-}" ]] || header="header = \"X-API-Key: $FLEETQUAKE_API_KEY\""
  [[ -z "${FLEETQUAKE_API_TOKEN:-}" ]] || header="header = \"Authorization: Bearer $FLEETQUAKE_API_TOKEN\""
  answer="$(curl --silent --show-error --max-time 100 --config - --write-out '\n%{http_code}' --request POST \
    --header 'content-type: application/json' --data "{\"reason\": \"network block $rule\"}" \
    "$api_url/chaos/redis-reset" <<<"$header")" || return 1
  status="${answer##*$'\n'}"
  echo "reset: $status ${answer%$'\n'*}"
  # 207: some replicas did not answer, and the answer names them; the others are cut off.
  [[ "$status" == 200 || "$status" == 207 ]]
}

clear_way
priority="$(free_priority)" || die "no priority is free in $nsg"
rule="$RULE_PREFIX$(date -u +%Y%m%dt%H%M%Sz)-$$"
ends="$(moment_in "$ttl")"
here="$(dirname "${BASH_SOURCE[0]}")"

if ((dry_run)); then
  echo "would create $rule in $nsg: Outbound Deny Tcp to $destination, ports 10000 and 8500-8599, priority $priority, until $ends"
  echo "would POST $api_url/chaos/redis-reset, and wait up to $patience s for $api_url/health to be unhealthy"
  exit 0
fi

# The guard stands before the rule does, so that no moment is without it. It has a session of its own: neither the end of
# this shell nor of its terminal reaches it.
setsid nohup "$here/unblock-redis.sh" --resource-group "$resource_group" --nsg "$nsg" --rule "$rule" --after "$ttl" \
  </dev/null >/dev/null 2>&1 &
guard=$!

take_back() {
  trap - EXIT
  echo "block-redis: taking the block back" >&2
  # The guard goes only when its work is done: a request that was cut off may still make the rule.
  if delete_own_rule "$rule"; then
    kill -- "-$guard" 2>/dev/null || true
  fi
}
trap take_back EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# 85xx: the nodes of a cluster, which clients are led to from port 10000.
az network nsg rule create --resource-group "$resource_group" --nsg-name "$nsg" --name "$rule" --priority "$priority" \
  --direction Outbound --access Deny --protocol Tcp --source-address-prefixes '*' --source-port-ranges '*' \
  --destination-address-prefixes "$destination" --destination-port-ranges 10000 8500-8599 \
  --description "$DESCRIPTION_PREFIX$ends" --output none
state="$(az network nsg rule show --resource-group "$resource_group" --nsg-name "$nsg" --name "$rule" \
  --query "join(' ', [access, direction, provisioningState])" --output tsv)"
[[ "$state" == "Deny Outbound Succeeded" ]] || die "the rule is not in effect: $state"
echo "$rule blocks $destination until $ends"

sleep "$settle"
reset_fleet || die "the reset failed, so that the connections which stand would live on"
wait_for_health "$api_url" unhealthy "$patience" || die "the API still reaches Redis: the rule is not on its way"
echo "the API has lost Redis"
trap - EXIT
echo "ends at $ends; earlier with: unblock-redis.sh --resource-group $resource_group --nsg $nsg --rule $rule"

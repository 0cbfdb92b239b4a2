# shellcheck shell=bash
# Sourced by block-redis.sh and unblock-redis.sh: the rules of a network security group that these two made. A rule has no
# tags, so that its name and its description say whose it is and how long it may stay; what lacks either is never touched.
# The script that sources this sets $resource_group and $nsg.
# shellcheck disable=SC2154

RULE_PREFIX="fleetquake-block-"
DESCRIPTION_PREFIX="fleetquake-block until "

# Prints each own rule as "name<TAB>moment it ends", the oldest first.
list_own_rules() {
  az network nsg rule list --resource-group "$resource_group" --nsg-name "$nsg" --output tsv --query \
    "sort_by([?starts_with(name, '$RULE_PREFIX') && starts_with(description || '', '$DESCRIPTION_PREFIX')], &name)[].[name, description]" |
    while IFS=$'\t' read -r name description; do
      printf '%s\t%s\n' "$name" "${description#"$DESCRIPTION_PREFIX"}"
    done
}

# Deletes one rule, if it is an own one. Three tries, since nobody may be there to try again. 0: removed, 1: it still stands,
# 2: there is none, or it was not made by block-redis.sh.
delete_own_rule() {
  local name="$1" own try
  for try in 1 2 3; do
    if own="$(list_own_rules)"; then
      if ! cut -f1 <<<"$own" | grep -qxF -- "$name"; then
        echo "there is no $name that block-redis.sh made" >&2
        return 2
      fi
      if az network nsg rule delete --resource-group "$resource_group" --nsg-name "$nsg" --name "$name" --output none; then
        echo "removed $name"
        return 0
      fi
    fi
    echo "could not remove $name (try $try of 3)" >&2
    ((try == 3)) || sleep "${FLEETQUAKE_RETRY_SECONDS:-5}"
  done
  echo "$name still stands: az network nsg rule delete --resource-group $resource_group --nsg-name $nsg --name $name" >&2
  return 1
}

# The moment that is so many seconds from now, in UTC.
moment_in() {
  date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ
}

# Prints what GET /health says of itself: a proxy's page on the way is neither healthy nor unhealthy.
read_health() {
  curl --silent --max-time 5 "$1/health" | grep -oE '"status": ?"(un)?healthy"' | grep -oE '(un)?healthy' || echo "without an answer"
}

# wait_for_health URL healthy|unhealthy SECONDS: whether /health says so within that time.
wait_for_health() {
  local end=$((SECONDS + $3)) health
  while true; do
    health="$(read_health "$1")"
    [[ "$health" == "$2" ]] && return 0
    if ((SECONDS >= end)); then
      echo "$1/health is $health, not $2, after $3 s" >&2
      return 1
    fi
    sleep 1
  done
}

is_number() {
  [[ "$1" =~ ^[0-9]{1,6}$ ]]
}

#!/usr/bin/env bash
# Removes the rules that block-redis.sh made.
set -euo pipefail
# shellcheck source=infra/scripts/block-rules.sh
source "$(dirname "${BASH_SOURCE[0]}")/block-rules.sh"

usage() {
  cat <<'TEXT'
usage: unblock-redis.sh --resource-group GROUP --nsg NAME (--rule NAME | --all | --expired) [options]

Removes rules that block-redis.sh made, and no others: known by name and description.

  --rule NAME         this one
  --all               every one
  --expired           those whose time is over, for example from a schedule
  --after SECONDS     wait first, 86400 at most
  --api-url URL       look whether the API has Redis back
  --patience SECONDS  how long it may take; default 60
  --dry-run           say what would be removed; changes nothing
  --help              this text
TEXT
}

die() {
  echo "unblock-redis: $1" >&2
  exit "${2:-1}"
}

resource_group="" nsg="" rule="" which="" after=0 api_url="" patience=60 dry_run=0
while (($# > 0)); do
  case "$1" in
    --help) usage && exit 0 ;;
    --dry-run) dry_run=1 && shift && continue ;;
    --all | --expired) which="${1#--}" && shift && continue ;;
    --resource-group | --nsg | --rule | --after | --api-url | --patience)
      (($# >= 2)) || die "$1 needs a value" 2
      variable="${1#--}"
      printf -v "${variable//-/_}" '%s' "$2"
      shift 2
      ;;
    *) die "unknown option $1; see --help" 2 ;;
  esac
done
[[ -n "$resource_group" && -n "$nsg" ]] || die "--resource-group and --nsg are needed" 2
[[ -n "$rule" || -n "$which" ]] || die "say which: --rule NAME, --all or --expired" 2
[[ -z "$rule" || -z "$which" ]] || die "--rule and --$which exclude each other" 2
[[ -z "$rule" || "$rule" == "$RULE_PREFIX"* ]] || die "$rule is no rule of block-redis.sh: those begin with $RULE_PREFIX" 2
{ is_number "$after" && ((after <= 86400)); } || die "--after must be 0 to 86400 seconds" 2
is_number "$patience" || die "--patience must be a number of seconds" 2
[[ -z "$api_url" || "$api_url" =~ ^https?://[^/]+$ ]] || die "--api-url must be an origin such as https://chaos.example.com" 2

# Hung up on: the one who waits to clean up goes on waiting.
trap '' HUP
sleep "$after"

# The rules that are meant, one a line.
choose_rules() {
  if [[ -n "$rule" ]]; then
    echo "$rule"
    return
  fi
  local own name ends now
  own="$(list_own_rules)" || return 1
  now="$(moment_in 0)"
  while IFS=$'\t' read -r name ends; do
    if [[ -n "$name" && ("$which" == all || "$ends" < "$now") ]]; then
      echo "$name"
    fi
  done <<<"$own"
}

chosen="$(choose_rules)" || die "the rules of $nsg cannot be listed"
failed=0
while read -r name; do
  [[ -n "$name" ]] || continue
  if ((dry_run)); then
    echo "would remove $name"
    continue
  fi
  outcome=0
  delete_own_rule "$name" || outcome=$?
  ((outcome != 1)) || failed=1
done <<<"$chosen"
((failed == 0)) || exit 1

if [[ -n "$api_url" ]] && ((dry_run == 0)); then
  wait_for_health "$api_url" healthy "$patience" || die "the API has no Redis yet"
  echo "the API has Redis back"
fi

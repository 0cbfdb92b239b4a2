#!/usr/bin/env bash
# Deploys an image that cannot be pulled to a container app, shows what becomes of it, and rolls back.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: deploy-bad-image.sh --resource-group GROUP --app NAME [options]

Gives the app a revision whose image is not there, as a broken release pipeline would, watches it fail, checks that the
revision before goes on serving, and rolls back to that one's image. Interrupted or failed, it rolls back all the same.

  --image IMAGE       the bad image; default: the app's own with a tag that nobody pushed
  --api-url URL       origin that must go on answering /livez with 200 meanwhile
  --hold SECONDS      how long the bad revision stays; default 60
  --patience SECONDS  how long the roll-back may take; default 300
  --dry-run           say what would be done; changes nothing
  --help              this text
TEXT
}

die() {
  echo "deploy-bad-image: $1" >&2
  exit "${2:-1}"
}

resource_group="" app="" image="" api_url="" hold=60 patience=300 dry_run=0
while (($# > 0)); do
  case "$1" in
    --help) usage && exit 0 ;;
    --dry-run) dry_run=1 && shift && continue ;;
    --resource-group | --app | --image | --api-url | --hold | --patience)
      (($# >= 2)) || die "$1 needs a value" 2
      variable="${1#--}"
      printf -v "${variable//-/_}" '%s' "$2"
      shift 2
      ;;
    *) die "unknown option $1; see --help" 2 ;;
  esac
done
[[ -n "$resource_group" && -n "$app" ]] || die "--resource-group and --app are needed" 2
[[ "$hold" =~ ^[0-9]{1,5}$ && "$patience" =~ ^[0-9]{1,5}$ ]] || die "--hold and --patience are numbers of seconds" 2
[[ -z "$api_url" || "$api_url" =~ ^https?://[^/]+$ ]] || die "--api-url must be an origin such as https://chaos.example.com" 2

read_app() {
  az containerapp show --resource-group "$resource_group" --name "$app" --query "$1" --output tsv
}
image_of_app() { read_app "properties.template.containers[0].image"; }
ready_revision() { read_app "properties.latestReadyRevisionName"; }
latest_revision() { read_app "properties.latestRevisionName"; }

set_image() {
  az containerapp update --resource-group "$resource_group" --name "$app" --image "$1" --revision-suffix "$2" --output none
}

good_image="$(image_of_app)"
good_revision="$(ready_revision)"
[[ -n "$good_image" && -n "$good_revision" ]] || die "$app has no revision that is ready: there would be nothing to roll back to"
[[ "$(latest_revision)" == "$good_revision" ]] || die "the latest revision of $app is not ready: roll out, or back, first"
# One container of several would need its name; and with several active revisions traffic is split by hand.
[[ "$(read_app "length(properties.template.containers)")" == 1 ]] || die "$app has several containers"
[[ "$(read_app "properties.configuration.activeRevisionsMode")" == Single ]] || die "$app does not run in single revision mode"

moment="$(date -u +%m%d%H%M%S)"
if [[ -z "$image" ]]; then
  # Without tag and digest; a colon before the last slash belongs to the registry's port.
  repository="${good_image%%@*}"
  [[ "${repository##*/}" != *:* ]] || repository="${repository%:*}"
  image="$repository:fleetquake-bad-$moment"
fi
[[ "$image" != "$good_image" ]] || die "--image is the image that runs"

if ((dry_run)); then
  echo "would give $app the image $image for $hold s, then $good_image again (ready: $good_revision)"
  exit 0
fi

roll_back() {
  trap - EXIT
  local end=$((SECONDS + patience)) ready="" current=""
  echo "rolling back to $good_image"
  set_image "$good_image" "back-$moment" || echo "the update was refused" >&2
  while true; do
    current="$(image_of_app || true)"
    ready="$(ready_revision || true)"
    [[ "$current" == "$good_image" && "$ready" == "$app--back-$moment" ]] && break
    if ((SECONDS >= end)); then
      echo "not rolled back: image $current, ready $ready. By hand:" >&2
      echo "az containerapp update --resource-group $resource_group --name $app --image $good_image" >&2
      exit 1
    fi
    sleep 1
  done
  echo "rolled back: $ready serves $current"
}
trap 'roll_back' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

echo "deploying $image"
set_image "$image" "bad-$moment" || echo "Azure refused it at once: $image"

end=$((SECONDS + hold))
seen=""
while ((SECONDS < end)); do
  state="$(az containerapp revision show --resource-group "$resource_group" --name "$app" --revision "$app--bad-$moment" \
    --query "join(' ', [properties.runningState || 'Unknown', properties.healthState || 'Unknown'])" --output tsv || true)"
  [[ "$state" == "$seen" ]] || echo "bad revision: ${state:-not there}"
  seen="$state"
  [[ "$(ready_revision)" == "$good_revision" ]] || die "the bad revision took over"
  if [[ -n "$api_url" ]]; then
    status="$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 5 "$api_url/livez" || true)"
    [[ "$status" == 200 ]] || die "$api_url/livez is $status while the bad revision fails"
  fi
  sleep 1
done
echo "$good_revision went on serving"
roll_back

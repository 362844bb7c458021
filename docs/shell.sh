# What examples of docs/spec have in common. In the folder of a checkout, beside `make run`: . docs/shell.sh
dev() { python3 -c 'import json, sys; print(json.load(open(".quote-service/dev.json"))[sys.argv[1]])' "$1"; }
URL=$(dev url)/api/v1
TOKEN=$(dev admin_token) # of an admin
KEY=$(dev api_key)       # of a checkout
# Calls a path of the API as the admin, or with the header in AUTH.
call() {
  curl -sS --fail-with-body "$URL$1" -H "${AUTH:-Authorization: Bearer $TOKEN}" -H 'Content-Type: application/json' "${@:2}"
}
# Prints members of an answer's data, by their dotted paths.
show() { python3 -c 'import json, sys
def at(data, path):
    for name in path.split("."):
        data = data[int(name) if name.isdecimal() else name]
    return data
document = json.load(sys.stdin)
print(*(at(document.get("data", document), path) for path in sys.argv[1:]))' "$@"; }

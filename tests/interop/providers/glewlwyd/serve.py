"""A retailer's identity service on Glewlwyd: its OpenID Connect plugin with the device grant, its own pages, two customers.

Becomes the server; a child of it sets it up through its administration API, as store IT would, and ends.
"""

import http.cookiejar
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

installed, port, address, client_id, folder, code_life = sys.argv[1:7]
installed, folder = pathlib.Path(installed), pathlib.Path(folder)

CUSTOMERS = [
    ("ottoline", "Ottoline Featherstonehaugh", "ottoline@example.com"),
    ("casimir", "Casimir Wrzesniewski", "casimir@example.com"),
]
PASSWORD = "lantern-harbour-42"
# As the database is delivered.
ADMINISTRATOR = {"username": "admin", "password": "password"}


def lay_out():
    """Database, pages and configuration, in a folder of this run alone."""
    share = installed / "usr/share"
    database = sqlite3.connect(folder / "glewlwyd.db")
    database.executescript((share / "dbconfig-common/data/glewlwyd/install/sqlite3").read_text())
    database.close()
    pages = folder / "pages"
    # Debian's own points to /etc, where nothing was installed.
    shutil.copytree(share / "glewlwyd/webapp", pages, ignore=shutil.ignore_patterns("config.json"))
    shutil.copy(share / "glewlwyd/templates/config.json", pages / "config.json")
    modules = installed / "usr/lib/glewlwyd"
    types = {".html": "text/html", ".css": "text/css", ".js": "application/javascript", ".json": "application/json"}
    mime = ",".join(f'{{ extension = "{end}" mime_type = "{kind}" }}' for end, kind in types.items())
    (folder / "glewlwyd.conf").write_text(f"""
port = {port}
bind_address = "127.0.0.1"
external_url = "{address}/"
login_url = "login.html"
api_prefix = "api"
static_files_path = "{pages}/"
static_files_mime_types = ( {mime} )
log_mode = "console"
log_level = "INFO"
cookie_secure = 0
session_key = "GLEWLWYD2_SESSION_ID"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "{modules}/user"
client_module_path = "{modules}/client"
user_auth_scheme_module_path = "{modules}/scheme"
plugin_module_path = "{modules}/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }}
""")


def keys():
    """A key to sign with, and its public half."""
    private = subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"], check=True, capture_output=True
    ).stdout
    public = subprocess.run(["openssl", "ec", "-pubout"], input=private, check=True, capture_output=True).stdout
    return private.decode(), public.decode()


def set_up():
    """Scopes, customers, the till, and the plugin last: its discovery document says that all of it is there."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/{path}", json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        try:
            opener.open(request).close()
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.read().decode()}")

    deadline = time.monotonic() + 20
    while True:
        try:
            ask("auth/", ADMINISTRATOR)
            break
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    scopes = ["openid", "profile", "email", "offline_access"]
    for scope in scopes:
        if scope != "openid":
            ask("scope/", {"name": scope, "display_name": scope, "password_required": False})
    for username, name, email in CUSTOMERS:
        about = {"username": username, "password": PASSWORD, "name": name, "email": email, "enabled": True}
        ask("user/", {**about, "scope": scopes})
    ask("client/", {
        "client_id": client_id,
        "name": "Marram Northquay",
        "confidential": False,
        "authorization_type": ["device_authorization", "refresh_token"],
        "token_endpoint_auth_method": ["none"],
        "enabled": True,
        "scope": scopes,
    })
    private, public = keys()
    ask("mod/plugin/", {
        "module": "oidc",
        "name": "oidc",
        "display_name": "Marram",
        "enabled": True,
        "parameters": {
            "iss": f"{address}/api/oidc",
            "jwt-type": "ecdsa",
            "jwt-key-size": "256",
            "key": private,
            "cert": public,
            "jwks-show": True,
            "access-token-duration": 3600,
            "refresh-token-duration": 1209600,
            "code-duration": 600,
            "refresh-token-one-use": "always",
            "allow-non-oidc": False,
            "auth-type-code-enabled": True,
            "auth-type-refresh-enabled": True,
            "auth-type-device-enabled": True,
            "device-authorization-expiration": int(code_life),
            "device-authorization-interval": 2,
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
            "pkce-allowed": True,
            "pkce-method-plain-allowed": False,
            "name-claim": "mandatory",
            "email-claim": "on-demand",
            "allowed-scope": scopes,
        },
    })


lay_out()
if os.fork() == 0:
    sys.exit(set_up())
program = installed / "usr/bin/glewlwyd"
os.execv(program, [program, "--config-file", folder / "glewlwyd.conf"])

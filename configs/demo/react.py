"""What readers and mail servers do in Mautic once the newsletter is out: react.py ADDRESS

Three people unsubscribe and one mailbox does not exist: always the same four, so that a second demo finds it done. Talks to the stand-in's control interface, which a real Mautic does not have.
"""
import json
import sys
import urllib.request

UNSUBSCRIBED, BOUNCED = 1, 2
REACTIONS = [(0.2, UNSUBSCRIBED), (0.4, UNSUBSCRIBED), (0.6, UNSUBSCRIBED), (0.8, BOUNCED)]  # place among all


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, data=data), timeout=10) as reply:
        return json.loads(reply.read())


state = ask("/__state")
emails = sorted(one["fields"]["all"]["email"] for one in state["contacts"])
names = {one["fields"]["all"]["email"]: one["fields"]["all"]["firstname"] for one in state["contacts"]}
numbers = {one["id"]: one["fields"]["all"]["email"] for one in state["contacts"]}
known = {numbers[one["lead_id"]] for one in state["dnc"]}
for place, reason in REACTIONS:
    email = emails[int(place * len(emails))]
    again = email in known
    if not again:
        comments = "user unsubscribed" if reason == UNSUBSCRIBED else "550 5.1.1 no such mailbox"
        ask("/__dnc", {"email": email, "reason": reason, "comments": comments})
    what = "unsubscribes" if reason == UNSUBSCRIBED else "bounces: no such mailbox"
    print(f"  {names[email] or '':<12} {email:<40} {what}{' (last time already)' if again else ''}")

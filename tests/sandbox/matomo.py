"""A stand-in for Matomo's Reporting API, on loopback and in memory: matomo.py [--port N]

What it follows is in README.md; requests below /__ (faults, state) are those of stand_in.py.
"""
import datetime

import stand_in

TOKEN = "0123456789abcdef0123456789abcdef"


def day_of(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d")


class Matomo(stand_in.System):
    def __init__(self):
        super().__init__()
        self.visits = []
        self.before_page = None  # called with the parameters of a list of visits, which it may change

    def state(self):
        return {"visits": self.visits}

    def add(self, number, seconds, site=1, **more):
        visit = {"idSite": str(site), "idVisit": number, "visitIp": "192.0.2.0", "visitorId": f"{number:016x}",
                 "siteCurrency": "EUR", "userId": None, "lastActionTimestamp": seconds, "serverTimestamp": seconds,
                 "firstActionTimestamp": seconds, "actionDetails": [
                     {"type": "action", "url": f"https://shop.example/{number}", "timestamp": seconds}], **more}
        self.visits.append(visit)
        return visit


class Handler(stand_in.Handler):
    def refused(self, message):
        self.reply(200, {"result": "error", "message": message})

    def api(self, _query, given):
        if given.get("token_auth") != TOKEN:
            return self.refused(f"You can't access this resource as it requires 'view' access for the website id = 1. token_auth {given.get('token_auth')}")
        if given.get("method") == "API.getMatomoVersion":
            return self.reply(200, {"value": "5.1.2"})
        if given.get("method") != "Live.getLastVisitsDetails":
            return self.refused("The method is not available")
        if given["idSite"] not in ("1", "2"):
            return self.refused(f"An unexpected website was found in the request: website id was set to '{given['idSite']}' .")
        if given.get("period") != "day":  # over more days the real one gives no single order
            return self.refused("This stand-in knows days only.")
        if self.system.before_page:
            self.system.before_page(given)
        found = [one for one in self.system.visits if one["idSite"] == given["idSite"]
                 and day_of(one["lastActionTimestamp"]) == given["date"]
                 and one["lastActionTimestamp"] > int(given.get("minTimestamp") or 0)]
        found.sort(key=lambda one: one["lastActionTimestamp"], reverse=given.get("filter_sort_order") != "asc")
        offset, limit = int(given.get("filter_offset", 0)), int(given.get("filter_limit", 10))
        return self.reply(200, found[offset:offset + limit])


Handler.ROUTES = [("POST", "/index.php", "api")]


def serve(port=0):
    return stand_in.serve(Handler, Matomo(), port)


if __name__ == "__main__":
    stand_in.main("A stand-in for Matomo on loopback.", lambda _: (Handler, Matomo()))

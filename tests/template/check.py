"""Holds the house rules on the expanded template, and the list of permissions. `--write` writes that list anew.

usage: check.py <where the expanded template goes, as JSON> [--write]
"""

import json
import sys
from pathlib import Path

import permissions
import rules_functions  # noqa: F401
import rules_queues  # noqa: F401
import rules_stack  # noqa: F401
from broken import unseen
from expand import expand
from rules import RULES, problems
from stack import FUNCTION, Stack

# What is set in every case, so that each alarm stands and tells somebody.
USUAL = {
    "AlarmTopicArn": "arn:aws:sns:eu-south-1:000000000000:alarms",
    "AppSupabaseUrl": "https://y.supabase.co",
    "PortalSupabaseUrl": "https://x.supabase.co",
}
# The functions that no flow brings along.
CORE = {"ApiCrons", "ApiHealth", "CronRenew", "CronSweep", "DeadLetters"}
# For each flow its parameter, and the functions that stand if it alone is on, beside the core.
FLOWS = {
    "Leads": {
        *("ApiLeads", "WebhookSupabase", "WebhookZohoCrm", "ProcessWebhook"),
        *("SyncZohoCrmLead", "SyncBackofficeLead", "CronZohoCrmPull", "CronPortalPull"),
    },
    "Billing": {
        *("ApiBilling", "ApiSync", "WebhookSupabase", "WebhookNetcash", "WebhookStripe", "WebhookZohoBilling"),
        *("ProcessWebhook", "CronBillingPull", "SyncBillingCustomer", "SyncBillingProduct", "SyncBillingPlan"),
        *("SyncBillingSubscription", "SyncBillingInvoice", "SyncBillingPayment", "SyncAppStatus"),
    },
}


def deploys() -> dict[str, tuple[Stack, set[str]]]:
    """The deploys that are looked at, each with the functions that must stand then: all flows, none, each alone."""
    none = {flow: "off" for flow in FLOWS}
    cases = {"all flows": (FLOWS.keys(), {}), "no flow": ((), none)}
    cases |= {f"{flow} only": ((flow,), none | {flow: "on"}) for flow in FLOWS}
    return {
        name: (Stack(expand(**USUAL, **given)), CORE.union(*(FLOWS[it] for it in on)))
        for name, (on, given) in cases.items()
    }


def found(stack: Stack, functions: set[str]) -> list[str]:
    """What is wrong with one deploy."""
    there = set(stack.of(FUNCTION))
    missing = [f"{it} is missing" for it in sorted(functions - there)]
    more = [f"{it} does not belong there" for it in sorted(there - functions)]
    return missing + more + problems(stack)


def main() -> int:
    target, write = Path(sys.argv[1]), "--write" in sys.argv[2:]
    cases = deploys()
    whole, _ = cases["all flows"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(whole.template, indent=1))
    if write:
        permissions.FILE.write_text(permissions.write(whole))
    wrong = [f"{name}: {it}" for name, case in cases.items() for it in found(*case)]
    wrong += unseen(whole.template)
    if differs := permissions.differences(whole):
        wrong.append(f"{permissions.FILE.name} is not what the template allows (run with --write):\n{differs}")
    print("\n".join(wrong) or f"{len(RULES)} house rules hold for {', '.join(cases)}, and each can fail")
    return 1 if wrong else 0


sys.exit(main())

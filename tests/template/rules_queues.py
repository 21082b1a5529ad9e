"""Queues, what works them off, and schedules. The numbers are of Lambda's guide, "Using Lambda with Amazon SQS"."""

from rules import rule
from stack import ALARM, FUNCTION, QUEUE, SCHEDULE, metrics, target

FORTNIGHT = 14 * 24 * 3600


def is_fifo(queue: dict) -> bool:
    return bool(queue.get("FifoQueue"))


@rule
def mappings_report_each_message(stack):
    for name, mapping, _, _ in stack.mappings():
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            yield f"{name}: one failed message brings its whole batch again"


@rule
def mappings_are_limited(stack):
    for name, mapping, _, _ in stack.mappings():
        if mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0) < 2:
            yield f"{name}: no MaximumConcurrency of two or more"


@rule
def batches_have_the_sizes_that_lambda_takes(stack):
    queues = stack.of(QUEUE)
    for name, mapping, queue, _ in stack.mappings():
        size, window = mapping.get("BatchSize", 10), mapping.get("MaximumBatchingWindowInSeconds", 0)
        if is_fifo(queues.get(queue, {})) and (size > 10 or window):
            yield f"{name}: a FIFO queue gives at most ten messages, without a window"
        elif size > 10 and not window:
            yield f"{name}: more than ten messages need a window"


@rule
def messages_stay_hidden_long_enough(stack):
    queues, functions = stack.of(QUEUE), stack.of(FUNCTION)
    for name, mapping, queue, function in stack.mappings():
        least = 6 * functions.get(function, {}).get("Timeout", 3) + mapping.get("MaximumBatchingWindowInSeconds", 0)
        hidden = queues.get(queue, {}).get("VisibilityTimeout", 30)
        if hidden < least:
            yield f"{queue}: hidden for {hidden} s, and {name} needs {least} s"


@rule
def every_queue_is_worked_off_once(stack):
    worked_off = [queue for _, _, queue, _ in stack.mappings()]
    for queue in stack.of(QUEUE):
        if worked_off.count(queue) != 1:
            yield f"{queue}: {worked_off.count(queue)} functions work it off"


@rule
def queues_have_dead_letters(stack):
    queues, dead = stack.of(QUEUE), stack.dead_letter_queues()
    for name, queue in queues.items():
        if name in dead:
            continue
        policy = queue.get("RedrivePolicy", {})
        letters = queues.get(f"{name}Dead")
        if letters is None or target(policy.get("deadLetterTargetArn", "")) != f"{name}Dead":
            yield f"{name}: no dead-letter queue of its own"
        elif is_fifo(letters) != is_fifo(queue):
            yield f"{name}: its dead letters are of the other type"
        if policy.get("maxReceiveCount", 0) < 5:
            yield f"{name}: given up before five receives"


@rule
def dead_letters_are_kept_for_a_fortnight(stack):
    queues = stack.of(QUEUE)
    for name in stack.dead_letter_queues() & queues.keys():
        if queues[name].get("MessageRetentionPeriod") != FORTNIGHT:
            yield f"{name}: not kept for 14 days"


@rule
def queues_have_alarms(stack):
    dead, looked_at = stack.dead_letter_queues(), set()
    for alarm in stack.of(ALARM).values():
        if alarm["ComparisonOperator"] == "GreaterThanThreshold":
            looked_at |= {(metric, queue, alarm["Threshold"] == 0) for space, metric, queue in metrics(alarm) if space == "AWS/SQS"}
    for name in stack.of(QUEUE):
        metric = "NumberOfMessagesReceived" if name in dead else "ApproximateAgeOfOldestMessage"
        if (metric, name, name in dead) not in looked_at:
            yield f"{name}: no alarm on {metric}"


@rule
def queues_are_encrypted(stack):
    for name, queue in stack.of(QUEUE).items():
        if queue.get("SqsManagedSseEnabled") is not True:
            yield f"{name}: not encrypted"


@rule
def schedules_lose_nothing(stack):
    for name, schedule in stack.of(SCHEDULE).items():
        to = schedule["Target"]
        if target(to.get("DeadLetterConfig", {})) not in stack.of(QUEUE):
            yield f"{name}: no dead-letter queue"
        if "MaximumEventAgeInSeconds" not in to.get("RetryPolicy", {}):
            yield f"{name}: no retry policy"
        if target(to["Arn"]) not in stack.of(QUEUE):
            yield f"{name}: does not go through a queue"


@rule
def the_sweep_knows_every_queue_that_it_feeds(stack):
    """A queue that its variables do not name counts as one of a flow that is off: it would never be fed."""
    sweep = stack.of(FUNCTION)["CronSweep"]["Environment"]["Variables"]
    named = {target(value) for name, value in sweep.items() if name.startswith("QUEUE_")}
    for queue in stack.of(QUEUE).keys() - stack.dead_letter_queues() - named - {"CronSweepQueue"}:
        yield f"{queue}: CronSweep has no variable for it"

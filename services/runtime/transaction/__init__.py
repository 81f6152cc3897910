"""Transaction: one worker of a stage, exactly once, on Faust.

A batch's outputs, its state, its dead letters and the consumed offsets become visible together or not at all.
One transactional producer per worker slot, fenced by the group's generation (KIP-447). Top to bottom:

stage        one process, from start to exit code
settings     of one worker slot
faust_app    what is left of Faust's own ways
clients      the connections beside the consumer
transport    Faust's consumer: one event per partition and fetch, everything in one event loop
trunk        one assignment: gathers groups, lets the processor decide, commits; k+1 is processed while k commits
group        what one transaction holds
commit       how it becomes visible
restore      the state of newly assigned partitions, read from the state topic
recall       single state records that were put aside
producer     aiokafka's transactional producer with membership in the offset commit
presence     the topics must exist
membership   who we are in the group, as of one assignment
offsets      the two requests that aiokafka lacks: TxnOffsetCommit v3, stable OffsetFetch v7
watchdog     ends a process that makes no progress
limiter      ends a service that sends too much to the dead letters
observer     what the stage tells others while it runs
"""

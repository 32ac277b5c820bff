"""Several processes train one network: servers hold its variables, workers learn from batches.

`addresses` says who there is, `meeting` whether they are there, `board` what they tell each
other, `replica` what a worker does otherwise than a run alone, `roles` what each process does,
`server` how a server comes to its end, and `local` starts all of them on this machine.
"""

export const sessionArgument = "its id, a beginning of it that no other has, or its name";

export const rootHelp = `Example:
  $ skyburst run -- make -j8
  $ skyburst map simulate.ts#simulate seeds.jsonl > results.jsonl
  $ skyburst each urls.txt -- curl -sO {}
  $ skyburst submit simulate.ts#simulate seeds.jsonl --name nightly

Exit codes: 0 all succeeded, 1 some failed, 2 usage, 4 not finished, 125 nothing could run, 130 interrupted.
\`run\` exits with the command's code: 124 after its timeout, 126 and 127 as a shell, 128 + n after signal n.`;

export const runHelp = `Example:
  $ skyburst run --timeout 10m -- python3 train.py --epochs 3`;

export const mapHelp = `Example:
  $ skyburst map simulate.ts#simulate seeds.jsonl --workers 2 > results.jsonl
  $ seq 1000 | skyburst map simulate.ts#simulate -`;

export const eachHelp = `In COMMAND, {} is the input and {name} a field of a JSON or CSV input; without any of them, the input is the last argument.

Example:
  $ skyburst each photos.txt -- convert {} -resize 50% small/{}
  $ skyburst each users.csv --json -- ./invite.sh {email} {name}`;

export const quoteHelp = `Of a command: skyburst quote [options] INPUTS -- COMMAND [ARG...], as \`each\` runs it.

Example:
  $ skyburst quote simulate.ts#simulate seeds.jsonl --workers 10,50,200
  $ skyburst quote photos.txt -- convert {} -resize 50% small/{}`;

export const submitHelp = `Example:
  $ skyburst submit simulate.ts#simulate seeds.jsonl --name nightly --workers 4
  $ skyburst attach nightly`;

export const attachHelp = `Example:
  $ skyburst attach nightly > results.jsonl`;

export const collectHelp = `Example:
  $ skyburst collect nightly > results.jsonl
  $ skyburst collect nightly --since 0.1200 >> results.jsonl`;

export const addHelp = `Example:
  $ skyburst submit thumbnail.ts#thumbnail monday.txt --name thumbnails --open
  $ skyburst add thumbnails tuesday.txt
  $ skyburst end thumbnails`;

export const endHelp = `Example:
  $ skyburst end thumbnails`;

export const lsHelp = `Example:
  $ skyburst ls --store /mnt/jobs`;

export const statusHelp = `Example:
  $ skyburst status nightly --json
  $ skyburst status nightly --receipt`;

export const logsHelp = `Example:
  $ skyburst logs nightly --tail 5
  $ skyburst logs nightly --task 17 -f`;

export const eventsHelp = `Example:
  $ skyburst events nightly --type retried,failed
  $ skyburst events nightly -f >> nightly.events.jsonl`;

export const reproduceHelp = `Exit codes: 0 it succeeded, 1 it failed, 128 + n when it ended its worker by signal n.

Example:
  $ skyburst reproduce nightly --task 17`;

export const cancelHelp = `Example:
  $ skyburst cancel nightly --task 17`;

export const extendHelp = `Example:
  $ skyburst extend nightly --deadline +6h`;

export const retryHelp = `Example:
  $ skyburst retry nightly`;

export const rmHelp = `Example:
  $ skyburst rm nightly`;

export const gcHelp = `Example:
  $ skyburst gc --older-than 30d --dry-run`;

export const teardownHelp = `Example:
  $ skyburst teardown --backend docker --dry-run`;

export const superviseHelp = `Example:
  $ skyburst supervise nightly --workers 4`;

export const conformanceHelp = `MODULE exports a function \`store\`, \`backend\` or \`serializer\` (or one of them by default) that makes another object on one and
the same place each time; and, in \`facts\`, in what it differs from others.

Example:
  $ skyburst conformance ./my-store.ts`;

export const doctorHelp = `Example:
  $ skyburst doctor --store s3://jobs/nightly`;

export const verifyHelp = `Commands of the jobs are written for \`sh\`, which an image has to have.

Example:
  $ skyburst verify --backend docker --image alpine
  $ skyburst verify --backend mine --job hello --job parallel`;

// A moment of footage as people at the branch saw it on the clock: 21 November 2026, 21:14:05 GMT.
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

// at: microseconds since 1970. offsets: from when on (likewise), seconds ahead of UTC, the zone's name.
export function localTime(at, offsets) {
  const [, ahead, zone] = offsets.findLast?.(([from]) => from <= at) ?? offsets[0];
  const local = new Date(at / 1000 + ahead * 1000);
  const two = (number) => String(number).padStart(2, "0");
  const clock = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(":");
  return `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${local.getUTCFullYear()}, ${clock} ${zone}`;
}

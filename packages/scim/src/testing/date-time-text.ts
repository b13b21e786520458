/** Writes a time as xsd:dateTime (RFC 7643 §2.3.5), since the library may not ask for the time itself. */

const dayMs = 86_400_000;

/** The text of a time in milliseconds since 1970: UTC, with milliseconds. */
export function dateTimeText(ms: number): string {
  const days = Math.floor(ms / dayMs);
  const inDay = ms - days * dayMs;
  const { year, month, day } = civilDateOf(days);
  const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
  const time = [inDay / 3_600_000, (inDay / 60_000) % 60, (inDay / 1000) % 60]
    .map((part) => digits(Math.floor(part), 2))
    .join(":");
  return `${date}T${time}.${digits(Math.floor(inDay % 1000), 3)}Z`;
}

/** Days since 1970 to a date of the Gregorian calendar, in years that begin in March and eras of 400 of them. */
function civilDateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

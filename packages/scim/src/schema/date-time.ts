/** The data type dateTime: xsd:dateTime as RFC 7643 §2.3.5 narrows it, without a calendar of the platform. */

const dateTimePattern =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const minutesPerDay = 24 * 60;
const offsetMinutesMax = 14 * 60;

/** A day of the proleptic Gregorian calendar. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * The instant as sortable text, `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`; undefined when the text is no xsd:dateTime. No zone
 * means UTC, more than nine fraction digits are cut off; year 0, hour 24 and leap seconds are refused, and so is
 * what lies outside the years 1 to 9999 in UTC.
 */
export function utcDateTimeOf(text: string): string | undefined {
  const match = dateTimePattern.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "", fraction = ""] =
    match;
  const date: Day = { year: Number(year), month: Number(month), day: Number(day) };
  if (!isDay(date) || hour > "23" || minute > "59" || second > "59") {
    return undefined;
  }
  const offset = offsetMinutesOf(match[8] ?? "Z");
  if (offset === undefined) {
    return undefined;
  }
  const rest = `${second}.${fraction.slice(0, 9).padEnd(9, "0")}Z`;
  if (offset === 0) {
    return `${year}-${month}-${day}T${hour}:${minute}:${rest}`;
  }
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  const utc = minutes < 0 ? dayBefore(date) : minutes < minutesPerDay ? date : dayAfter(date);
  if (utc.year < 1 || utc.year > 9999) {
    return undefined;
  }
  const ofDay = (minutes + minutesPerDay) % minutesPerDay;
  const time = `${digits(Math.floor(ofDay / 60), 2)}:${digits(ofDay % 60, 2)}`;
  return `${digits(utc.year, 4)}-${digits(utc.month, 2)}-${digits(utc.day, 2)}T${time}:${rest}`;
}

/** `+02:00` is 120; undefined beyond the 14 hours that XML Schema allows. */
function offsetMinutesOf(zone: string): number | undefined {
  if (zone === "Z") {
    return 0;
  }
  const minutes = Number(zone.slice(4, 6));
  const offset = Number(zone.slice(1, 3)) * 60 + minutes;
  if (minutes > 59 || offset > offsetMinutesMax) {
    return undefined;
  }
  return zone.startsWith("-") ? -offset : offset;
}

function isDay({ year, month, day }: Day): boolean {
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= lastDayOf(year, month);
}

function lastDayOf(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : (daysOfMonth[month - 1] ?? 0);
}

function dayBefore({ year, month, day }: Day): Day {
  if (day > 1) {
    return { year, month, day: day - 1 };
  }
  return month > 1
    ? { year, month: month - 1, day: lastDayOf(year, month - 1) }
    : { year: year - 1, month: 12, day: 31 };
}

function dayAfter({ year, month, day }: Day): Day {
  if (day < lastDayOf(year, month)) {
    return { year, month, day: day + 1 };
  }
  return month < 12 ? { year, month: month + 1, day: 1 } : { year: year + 1, month: 1, day: 1 };
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}

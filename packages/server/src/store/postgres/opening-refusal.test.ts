import { expect, test } from "vitest";
import { isRefusal } from "../../domain/refusal.ts";
import { storeAwayError } from "../store-away.ts";
import { databasePlaceOf } from "./database-place.ts";
import { asOpeningRefusal, unfitness } from "./opening-refusal.ts";

const place = databasePlaceOf("postgres://rollcall:s3cret@db.example:5433/people");
const good = { version: 130_000, encoding: "UTF8", isReadOnly: false };

test("a place is shown without its password, whatever it is", () => {
  expect(place).toEqual({ server: "db.example:5433", user: "rollcall", database: "people" });
  expect(databasePlaceOf("postgres://u:s3cret@[::1]/x").server).toBe("[::1]:5432");
  expect(databasePlaceOf("postgres://u@/x?host=/run/postgresql").server).toBe("/run/postgresql");
});

test("what a database has to be like", () => {
  expect(unfitness(good, place)).toBeUndefined();
  expect(unfitness({ ...good, version: 120_018 }, place)?.message).toBe(
    "PostgreSQL at db.example:5433 has version 12: version 13 or newer is needed",
  );
  expect(unfitness({ ...good, encoding: "SQL_ASCII" }, place)?.message).toContain("SQL_ASCII");
  expect(unfitness({ ...good, isReadOnly: true }, place)?.message).toContain("is read-only");
});

test.each([
  ["28P01", 'password authentication failed for user "rollcall"', "wrong or missing"],
  ["", "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", "wrong or missing"],
  ["28000", "no pg_hba.conf entry for host", "does not let rollcall in: no pg_hba.conf entry"],
  ["3D000", 'database "people" does not exist', "has no database people: make it"],
  ["42501", "permission denied for schema public", "GRANT CREATE, USAGE"],
  ["25006", "cannot execute CREATE TABLE in a read-only transaction", "is read-only"],
  ["57P03", "the database system is starting up", "does not take a connection now: the database"],
  ["53300", "sorry, too many clients already", "does not take a connection now: sorry"],
  ["ECONNREFUSED", "connect ECONNREFUSED 192.0.2.1:5433", "cannot be reached: connect"],
  ["EAI_AGAIN", "getaddrinfo EAI_AGAIN db.example", "cannot be reached"],
  ["", "timeout exceeded when trying to connect", "cannot be reached"],
  ["", "The server does not support SSL connections", "no TLS connection"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate in certificate chain", "sslrootcert"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match", "no TLS connection"],
])("%s %s: one sentence", (code, message, words) => {
  const error = Object.assign(new Error(message), code === "" ? {} : { code });
  for (const thrown of [error, storeAwayError("x", error), new AggregateError([error, error])]) {
    const said = asOpeningRefusal(thrown, place);
    expect(isRefusal(said) && said.message).toContain(words);
    expect(isRefusal(said) && said.message).toContain("db.example:5433");
    expect(isRefusal(said) && said.message).not.toMatch(/s3cret|\n/);
  }
});

test("a defect stays a defect", () => {
  const defect = Object.assign(new Error('syntax error at or near "SELCT"'), { code: "42601" });
  expect(asOpeningRefusal(defect, place)).toBe(defect);
  expect(asOpeningRefusal("what", place)).toBe("what");
});

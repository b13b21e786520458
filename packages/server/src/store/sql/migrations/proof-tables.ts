/** What was added for proofs of e-mails, for mails that have had their time and for the chain of the instance's own audit log. */
import type { ColumnTypes } from "./account-tables.ts";

/** The statements that add it. */
export function proofTables({ text, integer, keyed }: ColumnTypes): readonly string[] {
  return [
    // What showed that the person is meant when the link was made: domain, email or person; null where nothing did.
    `ALTER TABLE links ADD COLUMN proof ${text}`,
    `CREATE INDEX mails_sent ON mails (tenant_id, sent_at) WHERE sent_at IS NOT NULL`,
    // What a tenant has in its row: the numbers of the log and how far it is chained. Tampering with the log shows in it.
    `CREATE TABLE instance_audit_logs (
      log ${text} NOT NULL PRIMARY KEY,
      last_audit_number ${integer} NOT NULL,
      last_chained_number ${integer} NOT NULL,
      last_chain_hash ${text} NOT NULL
    )${keyed}`,
    `INSERT INTO instance_audit_logs (log, last_audit_number, last_chained_number, last_chain_hash)
      SELECT 'instance', max(audit_number), 0, '' FROM audit_entries WHERE tenant_id = ''
      HAVING max(audit_number) IS NOT NULL`,
  ];
}

// P8's mails through nodemailer's pool, for comparison by hand:
//   npm install nodemailer && node nodemailer.mjs PORT [MAILS]     (PORT: where an smtp-sink listens)
import { createRequire } from "node:module";

const nodemailer = createRequire(process.cwd() + "/")("nodemailer");
const mails = Number(process.argv[3] ?? 20000);
const pool = nodemailer.createTransport({
  host: "127.0.0.1", port: Number(process.argv[2]), pool: true, maxConnections: 50, maxMessages: Infinity,
});
const mail = {
  from: '"Bongsu" <no-reply@example.com>', to: "member@example.com", subject: "Welcome",
  text: "This line is written here only so that the mail has a size.\n".repeat(13).slice(0, 724),
};
let left = mails;
const worker = async () => { while (left-- > 0) await pool.sendMail(mail); };
const begin = process.hrtime.bigint();
await Promise.all(Array.from({ length: 200 }, worker));
console.log(Math.round(mails / (Number(process.hrtime.bigint() - begin) / 1e9)), "mails/s");
pool.close();

#include "keyset.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace bongsu::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kAtOnce = 10'000;

}  // namespace

void analyze_members(const std::string& conninfo) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(conninfo.c_str()), PQfinish};
  const std::unique_ptr<PGresult, decltype(&PQclear)> done{PQexec(connection.get(), "ANALYZE gateway.member"),
                                                           PQclear};
  if (PQresultStatus(done.get()) != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
}

double bare_keyset_read(const std::string& conninfo, int members) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(conninfo.c_str()), PQfinish};
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  // By the index, whatever the planner thinks of reading the whole table for each page. (Ordered by the date:
  // plain `birth_date` would be the text that is asked for.)
  const std::unique_ptr<PGresult, decltype(&PQclear)> planned{
      PQexec(connection.get(), "SET enable_seqscan = off"), PQclear};
  if (PQresultStatus(planned.get()) != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  const auto sql = fmt::format(
      "SELECT user_id, sealed, locale, birth_date::text FROM gateway.member WHERE status = 'ACTIVE'"
      " AND birth_date BETWEEN $1::date AND '2100-01-01'"
      " AND (birth_date, user_id) > ($1::date, $2) ORDER BY member.birth_date, user_id LIMIT {}",
      kAtOnce);
  std::string birth_date = "1900-01-01";
  std::string user_id;
  int seen = 0;
  const auto began = Clock::now();
  for (;;) {
    const char* values[] = {birth_date.c_str(), user_id.c_str()};
    const std::unique_ptr<PGresult, decltype(&PQclear)> page{
        PQexecParams(connection.get(), sql.c_str(), 2, nullptr, values, nullptr, nullptr, 1), PQclear};
    if (PQresultStatus(page.get()) != PGRES_TUPLES_OK)
      throw std::runtime_error(PQerrorMessage(connection.get()));
    const int count = PQntuples(page.get());
    seen += count;
    if (count < kAtOnce) break;
    user_id.assign(PQgetvalue(page.get(), count - 1, 0),
                   static_cast<std::size_t>(PQgetlength(page.get(), count - 1, 0)));
    birth_date.assign(PQgetvalue(page.get(), count - 1, 3),
                      static_cast<std::size_t>(PQgetlength(page.get(), count - 1, 3)));
  }
  if (seen < members) throw std::runtime_error("the keyset read has not found every member");
  return seen / std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace bongsu::bench

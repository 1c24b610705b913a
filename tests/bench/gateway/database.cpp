#include "database.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/postgres/params.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <unistd.h>

namespace bongsu::bench {
namespace {

using Clock = std::chrono::steady_clock;

class Connection {
 public:
  explicit Connection(const std::string& uri) : connection_(PQconnectdb(uri.c_str()), &PQfinish) {
    if (PQstatus(get()) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(get())};
    run("SET search_path = gateway");
  }

  std::vector<std::string> run(const std::string& sql) {
    const Answer answer{PQexec(get(), sql.c_str()), &PQclear};
    check(answer.get());
    std::vector<std::string> row;
    for (int i = 0; PQntuples(answer.get()) > 0 && i < PQnfields(answer.get()); ++i) {
      row.emplace_back(PQgetvalue(answer.get(), 0, i));
    }
    return row;
  }

  void run(const char* sql, const postgres::Params& params) {
    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (std::size_t i = 0; i < params.size(); ++i) {
      types.push_back(params.type(i));
      values.push_back(params.bytes(i).data());
      lengths.push_back(static_cast<int>(params.bytes(i).size()));
    }
    const std::vector<int> binary(params.size(), 1);
    const Answer answer{PQexecParams(get(), sql, static_cast<int>(params.size()), types.data(), values.data(),
                                     lengths.data(), binary.data(), 1),
                        &PQclear};
    check(answer.get());
  }

 private:
  using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;
  PGconn* get() const { return connection_.get(); }
  static void check(PGresult* answer) {
    const auto status = PQresultStatus(answer);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      throw std::runtime_error{PQresultErrorMessage(answer)};
    }
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// A UUID of version 7 as the gateway makes them: rows arrive in the order of their ids.
constexpr const char* kOrderedId =
    "(substr(encode(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 'hex'), 5)"
    " || substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid";

std::string write_script(const RowSizes& sizes) {
  auto path = fmt::format("/tmp/bongsu-pgbench-{}.sql", getpid());
  std::ofstream file{path};
  file << "BEGIN;\n"
       << fmt::format(
              "INSERT INTO gateway.message (id, notification_id, channel, caller) VALUES ({}, {}, 1, "
              "'bench');\n",
              kOrderedId, kOrderedId)
       << fmt::format(
              "INSERT INTO gateway.outbox (id, topic, key, headers, value) VALUES ({}, "
              "'bongsu.email.request', "
              "decode(repeat('61', {}), 'hex'), decode(repeat('62', {}), 'hex'), decode(repeat('63', {}), "
              "'hex'));\n",
              kOrderedId, sizes.key, sizes.headers, sizes.value)
       << "COMMIT;\n";
  return path;
}

std::vector<Uuid> new_ids(int count, Random& random) {
  const auto now = SystemClock{}.now();
  std::vector<Uuid> ids;
  ids.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) ids.push_back(Uuid::v7(now, random));
  return ids;
}

void write_batches(const std::string& uri, const RowSizes& sizes, int rows, Clock::time_point end,
                   std::atomic<std::uint64_t>& written, std::uint64_t seed) {
  const auto count = static_cast<std::size_t>(rows);
  const std::vector<std::int16_t> channels(count, 1);
  const std::vector<std::string> callers(count, "bench");
  const std::vector<std::string> topics(count, "bongsu.email.request");
  const auto bytes = [&](int size) {
    return std::vector<postgres::Bytes>(count, {std::string(static_cast<std::size_t>(size), 'x')});
  };
  const auto keys = bytes(sizes.key);
  const auto headers = bytes(sizes.headers);
  const auto values = bytes(sizes.value);
  SeededRandom random{seed};
  Connection connection{uri};
  while (Clock::now() < end) {
    const auto ids = new_ids(rows, random);
    connection.run("BEGIN");
    connection.run(
        "INSERT INTO message (id, notification_id, channel, caller) SELECT * FROM unnest($1, $2, $3, $4)",
        postgres::Params::of(ids, ids, channels, callers));
    connection.run(
        "INSERT INTO outbox (id, topic, key, headers, value) SELECT * FROM unnest($1, $2, $3, $4, $5)",
        postgres::Params::of(ids, topics, keys, headers, values));
    connection.run("COMMIT");
    written += static_cast<std::uint64_t>(rows);
  }
}

}  // namespace

std::vector<std::string> ask(const std::string& uri, const std::string& sql) {
  return Connection{uri}.run(sql);
}

RowSizes measure_rows(const std::string& uri) {
  const auto row = ask(
      uri,
      "SELECT avg(octet_length(key))::int, avg(octet_length(headers))::int, avg(octet_length(value))::int "
      "FROM outbox");
  return {.key = std::stoi(row.at(0)), .headers = std::stoi(row.at(1)), .value = std::stoi(row.at(2))};
}

void await_published(const std::string& uri) {
  const auto deadline = Clock::now() + std::chrono::minutes{2};
  while (ask(uri,
             "SELECT count(*) FROM (SELECT FROM outbox, outbox_cursor AS done WHERE (outbox.xid, "
             "outbox.sequence) > "
             "(done.xid, done.sequence) LIMIT 1) AS waiting")
             .at(0) != "0") {
    if (Clock::now() > deadline)
      throw std::runtime_error{"the relay has not published everything in two minutes"};
    ::poll(nullptr, 0, 100);
  }
}

double run_pgbench(const std::string& uri, const RowSizes& sizes, int clients, int seconds) {
  const auto script = write_script(sizes);
  const auto command =
      fmt::format("pgbench -n -M prepared -c {} -j 2 -T {} -f {} '{}' 2>&1", clients, seconds, script, uri);
  std::FILE* output = popen(command.c_str(), "r");
  if (output == nullptr) throw std::runtime_error{"pgbench does not start"};
  std::string text;
  for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) text.push_back(static_cast<char>(c));
  const int status = pclose(output);
  unlink(script.c_str());
  const auto at = text.find("tps = ");
  if (status != 0 || at == std::string::npos) throw std::runtime_error{"pgbench failed: " + text};
  return std::stod(text.substr(at + 6));
}

double run_unnest(const std::string& uri, const RowSizes& sizes, int connections, int rows, double seconds) {
  std::atomic<std::uint64_t> written = 0;
  const auto begin = Clock::now();
  const auto end =
      begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{seconds});
  {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(connections));
    for (int i = 0; i < connections; ++i) {
      threads.emplace_back([&, i] {
        write_batches(uri, sizes, rows, end, written,
                      static_cast<std::uint64_t>(begin.time_since_epoch().count() + i));
      });
    }
  }
  return static_cast<double>(written.load()) / std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace bongsu::bench

#include "bare.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>

#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>

namespace bongsu::bench {
namespace {

using Clock = std::chrono::steady_clock;

double per_second(std::size_t count, Clock::time_point since) {
  return static_cast<double>(count) / std::chrono::duration<double>(Clock::now() - since).count();
}

class Database {
 public:
  explicit Database(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { PQfinish(connection_); }

  std::unique_ptr<PGresult, decltype(&PQclear)> run(const std::string& sql) {
    std::unique_ptr<PGresult, decltype(&PQclear)> result{
        PQexecParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1), PQclear};
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error(PQerrorMessage(connection_));
    return result;
  }

 private:
  PGconn* connection_;
};

struct Counts {
  std::size_t delivered = 0;
  std::size_t failed = 0;
};

void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& counts = *static_cast<Counts*>(opaque);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? counts.delivered : counts.failed);
}

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Client producer(const std::string& brokers, Counts& counts) {
  auto* conf = rd_kafka_conf_new();
  char why[512];
  const std::pair<const char*, std::string> settings[] = {{"bootstrap.servers", brokers},
                                                          {"enable.idempotence", "true"},
                                                          {"acks", "all"},
                                                          {"partitioner", "murmur2_random"},
                                                          {"linger.ms", "5"},
                                                          {"batch.num.messages", "10000"},
                                                          {"batch.size", "1000000"},
                                                          {"compression.codec", "lz4"},
                                                          {"queue.buffering.max.messages", "100000"}};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(why);
  rd_kafka_conf_set_opaque(conf, &counts);
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  Client client{rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why), rd_kafka_destroy};
  if (!client) throw std::runtime_error(why);
  return client;
}

rd_kafka_headers_t* native(const Headers& headers) {
  auto* made = rd_kafka_headers_new(headers.size());
  for (const auto& header : headers)
    rd_kafka_header_add(made, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  return made;
}

}  // namespace

double bare_cursor_read(const std::string& conninfo, const std::string& schema, std::size_t rows) {
  Database database{conninfo};
  database.run("SET search_path = " + schema);
  database.run("SET enable_sort = off");
  database.run("BEGIN");
  const auto began = Clock::now();
  database.run(
      "DECLARE reader BINARY CURSOR FOR SELECT xid, sequence, id, topic, key, headers, value FROM outbox "
      "ORDER BY xid, sequence");
  std::size_t seen = 0;
  std::size_t bytes = 0;
  for (;;) {
    const auto page = database.run("FETCH FORWARD 10000 FROM reader");
    const int count = PQntuples(page.get());
    if (count == 0) break;
    for (int row = 0; row < count; ++row)
      for (int column = 0; column < 7; ++column)
        bytes += static_cast<std::size_t>(PQgetlength(page.get(), row, column)) +
                 static_cast<unsigned char>(*PQgetvalue(page.get(), row, column) & 1);
    seen += static_cast<std::size_t>(count);
  }
  if (seen != rows || bytes == 0) throw std::runtime_error("the cursor has not read every row");
  return per_second(rows, began);
}

double bare_producer(const std::string& brokers, const std::string& topic,
                     const std::vector<std::string>& keys, const std::vector<std::string>& values,
                     const Headers& headers, std::size_t records) {
  Counts counts;
  const auto client = producer(brokers, counts);
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> to{
      rd_kafka_topic_new(client.get(), topic.c_str(), nullptr), rd_kafka_topic_destroy};
  const auto began = Clock::now();
  for (std::size_t i = 0; i < records;) {
    const auto& key = keys[i % keys.size()];
    const auto& value = values[i % values.size()];
    auto* list = native(headers);
    const auto error =
        rd_kafka_producev(client.get(), RD_KAFKA_V_RKT(to.get()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY(key.data(), key.size()),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                          RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++i;
      if (i % 256 == 0) rd_kafka_poll(client.get(), 0);
    } else if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_headers_destroy(list);
      rd_kafka_poll(client.get(), 10);
    } else {
      throw std::runtime_error(rd_kafka_err2str(error));
    }
  }
  while (counts.delivered + counts.failed < records) rd_kafka_poll(client.get(), 10);
  if (counts.failed > 0) throw std::runtime_error("records were not delivered");
  return per_second(records, began);
}

std::size_t records_in(const std::string& brokers, const std::string& topic, int partitions) {
  Counts counts;
  const auto client = producer(brokers, counts);
  std::size_t records = 0;
  for (int partition = 0; partition < partitions; ++partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto error =
        rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition, &low, &high, 10'000);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
    records += static_cast<std::size_t>(high - low);
  }
  return records;
}

}  // namespace bongsu::bench

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/v1/alert.pb.h>
#include <bongsu/host/alerts.hpp>
#include <bongsu/outbox/columns.hpp>

namespace bongsu::host {
namespace {

outbox::Event alert_of(const events::Topics& topics, const outbox::Refused& refused,
                       const std::string& service, Timestamp now) {
  events::v1::Alert alert;
  alert.set_name("publication_refused");
  alert.set_state("firing");
  alert.set_severity("critical");
  alert.set_source(service);
  alert.set_summary("Kafka refuses an event of the outbox; see bongsuctl outbox failed");
  *alert.mutable_since() = events::to_proto(now);
  (*alert.mutable_labels())["topic"] = refused.event.topic;
  (*alert.mutable_labels())["event_id"] = refused.event.id.str();
  (*alert.mutable_labels())["reason"] = refused.reason;
  const auto id = Uuid::v8(refused.event.id.time(), "alert/" + refused.event.id.str());
  return {.id = id,
          .topic = topics.alert(),
          .key = service,
          .headers = events::make_headers({.id = id.str(),
                                           .source = "/bongsu/" + service,
                                           .type = std::string{events::type::kAlert},
                                           .time = now,
                                           .content_type = events::ContentType::kJson,
                                           .trace = {}}),
          .value = events::encode_json(alert)};
}

}  // namespace

asio::awaitable<Result<void>> alert_refused(postgres::Pool& pool, const events::Topics& topics,
                                            const outbox::Refused& refused, std::string service,
                                            Timestamp now) {
  if (refused.event.topic == topics.alert()) co_return Result<void>{};
  static const std::string sql = "WITH owner AS (SELECT $1::uuid AS id), written AS (" +
                                 outbox::insert_sql("owner", 2) + ") SELECT count(*) FROM written";
  auto alert = alert_of(topics, refused, service, now);
  const auto id = alert.id;
  outbox::Columns columns;
  columns.add(id, std::move(alert));
  auto params = postgres::Params::of(id);
  columns.append_to(params);
  const auto written = co_await pool.query(sql, std::move(params));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

}  // namespace bongsu::host

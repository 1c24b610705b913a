#pragma once
#include <bongsu/events/topics.hpp>
#include <bongsu/outbox/relay.hpp>
#include <bongsu/postgres/pool.hpp>

namespace bongsu::gateway {

/// Tells operators that Kafka has refused an event for its own sake, by an alert through the outbox.
/// Its message is FAILED from then on: that follows from failed_publication. The same refusal again
/// gives an alert with the same id. An alert that was refused itself gives none.
/// Errors: as postgres::Pool.
asio::awaitable<Result<void>> alert_refused(postgres::Pool& pool, const events::Topics& topics,
                                            const outbox::Refused& refused, Timestamp now);

}  // namespace bongsu::gateway

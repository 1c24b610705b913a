#pragma once
#include <bongsu/events/topics.hpp>
#include <bongsu/outbox/relay.hpp>
#include <bongsu/postgres/pool.hpp>

#include <string>

namespace bongsu::host {

/// Tells operators that Kafka has refused an event for its own sake, by an alert through the outbox.
/// What that means for its owner follows from failed_publication. `service` is the alert's source. The same
/// refusal again gives an alert with the same id. An alert that was refused itself gives none. Errors: as
/// postgres::Pool.
asio::awaitable<Result<void>> alert_refused(postgres::Pool& pool, const events::Topics& topics,
                                            const outbox::Refused& refused, std::string service,
                                            Timestamp now);

}  // namespace bongsu::host

#pragma once
#include "request.hpp"

#include <bongsu/delivery/row.hpp>
#include <bongsu/delivery/settings.hpp>
#include <bongsu/events/topics.hpp>

#include <vector>

namespace bongsu::delivery {

/// Where follow-ups go, and in whose name.
struct Addresses {
  events::Topics topics;
  events::Channel channel;
  std::string group;  ///< the consumer group that read the record
};

/// What an ended attempt publishes, in this order, each waited for: the result, then what lets the
/// notification go on (a retry) or end (a dead letter). Pure: built from the row that stayed, so the
/// same row gives the same records, however often they are published.
std::vector<kafka::Record> follow_up(const Addresses& addresses, const Settings& settings,
                                     const Request& request, const Row& row);

/// The dead letter of a record of which no request could be made: its bytes as they came.
kafka::Record dead_letter_as_it_came(const Addresses& addresses, const kafka::Message& message,
                                     const Unusable& why);

}  // namespace bongsu::delivery

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
/// notification go on (a retry, another channel) or end (a dead letter). Built from the row that stayed, so
/// the same row gives the same records, however often they are published; only the sealed box of a
/// fallback is another each time, with the same id and content.
class FollowUp {
 public:
  FollowUp(Addresses addresses, const Settings& settings, const security::SealedBox& box, Random& random);

  std::vector<kafka::Record> of(const Request& request, const Row& row) const;
  /// The dead letter of a record of which no request could be made: its bytes as they came.
  kafka::Record dead_letter_as_it_came(const kafka::Message& message, const Flaw& why) const;

 private:
  kafka::Record retry(const Request& request, const Row& row) const;
  kafka::Record dead_letter(const Request& request, const Row& row) const;
  kafka::Record fallback(const Request& request, const Row& row) const;

  Addresses addresses_;
  const Settings& settings_;
  const security::SealedBox& box_;
  Random& random_;
};

}  // namespace bongsu::delivery

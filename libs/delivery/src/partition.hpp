#pragma once
#include "window.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/delivery/lane.hpp>
#include <bongsu/delivery/ledger.hpp>
#include <bongsu/delivery/watermark.hpp>

#include <chrono>
#include <string>

namespace bongsu::delivery {

enum class Phase : std::uint8_t {
  kTaking,  ///< assigned; the ledger has not given it to us yet
  kOwned,
  kEnding,  ///< no new record and no new try; what is on the wire ends
  kGone,    ///< somebody else's, or about to be: only what a call in hand told is still written
};

/// One assigned partition, from its assignment to the end of the last record read under it.
struct Partition : std::enable_shared_from_this<Partition> {
  Partition(const asio::any_io_executor& executor, const Lane& its_lane, Window& its_window,
            kafka::TopicPartition place, std::int64_t start)
      : lane(its_lane),
        window(its_window),
        where(std::move(place)),
        watermark(start),
        committed(start),
        changed(executor),
        advanced(executor) {}

  bool holds() const { return phase == Phase::kOwned || phase == Phase::kEnding; }

  const Lane& lane;
  Window& window;  ///< the lane's
  kafka::TopicPartition where;
  Phase phase = Phase::kTaking;

  std::string owner;  ///< the name it was taken under
  Hold hold;
  std::int64_t inherited = 0;  ///< claimed_to as found on taking
  std::chrono::steady_clock::time_point taken_at;
  std::int64_t claimed_to = 0;  ///< under this hold; exclusive
  bool claiming_ahead = false;

  Watermark watermark;
  std::int64_t committed;
  std::size_t open = 0;  ///< records between reading and their end
  Signal changed;        ///< phase has changed, or open has come to 0
  Signal advanced;       ///< a record has ended; apart, since pauses between two calls wait for the other
};

}  // namespace bongsu::delivery

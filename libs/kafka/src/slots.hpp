#pragma once
#include <bongsu/kafka/producer.hpp>

#include <deque>
#include <string>

namespace bongsu::kafka {

/// What a record under way needs of ours until its report: the value's bytes, which librdkafka reads
/// where they are, and who wants to know. Its address travels through librdkafka and does not move.
struct Slot {
  std::string value;
  Producer::OnDelivered on_delivered;
  std::string* lender =
      nullptr;  ///< whom the value goes back to with an error; who waits there goes on later
  std::size_t bytes = 0;
  bool taken = false;
  Slot* next_free = nullptr;
};

/// Slots are used again; their number is the most that ever were in flight.
class Slots {
 public:
  Slot& take(std::size_t bytes) {
    Slot* slot = free_;
    if (slot != nullptr) {
      free_ = slot->next_free;
    } else {
      slot = &all_.emplace_back();
    }
    slot->taken = true;
    slot->bytes = bytes;
    ++taken_;
    bytes_ += bytes;
    return *slot;
  }

  void give_back(Slot& slot) {
    bytes_ -= slot.bytes;
    slot.value = {};
    slot.on_delivered = nullptr;
    slot.lender = nullptr;
    slot.taken = false;
    slot.next_free = free_;
    free_ = &slot;
    --taken_;
  }

  std::size_t taken() const { return taken_; }
  std::size_t bytes() const { return bytes_; }

  /// `report` is called for each that is taken, in the order they were first used.
  template <class Report>
  void for_each_taken(Report report) {
    for (auto& slot : all_)
      if (slot.taken) report(slot);
  }

 private:
  std::deque<Slot> all_;
  Slot* free_ = nullptr;
  std::size_t taken_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace bongsu::kafka

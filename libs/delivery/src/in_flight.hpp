#pragma once
#include <bongsu/core/signal.hpp>
#include <bongsu/core/uuid.hpp>

#include <optional>
#include <unordered_set>

namespace bongsu::delivery {

/// Ids under way in this process: the same id twice, and the second waits. It outlives assignments:
/// what a lost partition still has on the wire holds its id back when the partition comes again.
/// Threads: the io_context's one thread. Lifetime: outlives its turns.
class InFlight {
 public:
  explicit InFlight(const asio::any_io_executor& executor) : freed_(executor) {}

  /// Holds the id until it goes out of scope.
  class Turn {
   public:
    Turn(InFlight& owner, const Uuid& id) : owner_(&owner), id_(id) {}
    Turn(Turn&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}
    Turn& operator=(Turn&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Turn() {
      if (owner_ != nullptr) owner_->leave(id_);
    }

   private:
    InFlight* owner_;
    Uuid id_;
  };

  /// Its turn, unless the id is under way: then until_left().
  std::optional<Turn> enter(const Uuid& id) {
    if (!ids_.insert(id).second) return std::nullopt;
    return std::optional<Turn>{std::in_place, *this, id};
  }

  asio::awaitable<void> until_left(Uuid id) {
    while (ids_.contains(id)) {
      ++waiting_;
      co_await freed_.wait();
      --waiting_;
    }
  }

 private:
  void leave(const Uuid& id) {
    ids_.erase(id);
    if (waiting_ > 0) freed_.notify_all();
  }

  std::unordered_set<Uuid> ids_;
  std::size_t waiting_ = 0;
  Signal freed_;
};

}  // namespace bongsu::delivery

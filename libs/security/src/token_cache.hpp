#pragma once
#include <bongsu/core/bytes.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/security/token.hpp>

#include <cstring>
#include <list>
#include <unordered_map>

namespace bongsu::security {

/// Who a token that was verified belongs to, and until when.
struct Verified {
  Caller caller;
  Timestamp expires;
};

/// Tokens that were verified, by their digest, the one used longest ago forgotten first. Keeps no
/// token itself.
class TokenCache {
 public:
  explicit TokenCache(std::size_t bound) : bound_(bound) {}

  /// Null when unknown or no longer valid at `now`.
  const Caller* find(const Sha256& digest, Timestamp now) {
    const auto hit = places_.find(digest);
    if (hit == places_.end()) return nullptr;
    if (hit->second->verified.expires <= now) {
      entries_.erase(hit->second);
      places_.erase(hit);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, hit->second);
    return &hit->second->verified.caller;
  }

  void remember(const Sha256& digest, Verified verified) {
    if (bound_ == 0 || places_.contains(digest)) return;
    if (entries_.size() >= bound_) {
      places_.erase(entries_.back().digest);
      entries_.pop_back();
    }
    entries_.push_front({digest, std::move(verified)});
    places_.emplace(digest, entries_.begin());
  }

 private:
  struct Entry {
    Sha256 digest;
    Verified verified;
  };
  struct FirstBytes {
    std::size_t operator()(const Sha256& digest) const {
      std::size_t hash = 0;
      std::memcpy(&hash, digest.data(), sizeof(hash));
      return hash;
    }
  };

  std::size_t bound_;
  std::list<Entry> entries_;
  std::unordered_map<Sha256, std::list<Entry>::iterator, FirstBytes> places_;
};

}  // namespace bongsu::security

#pragma once
#include "drafts.hpp"
#include "field_errors.hpp"

#include <bongsu/core/private.hpp>
#include <bongsu/events/bulk.hpp>
#include <bongsu/events/channel.hpp>

#include <optional>
#include <string>

namespace bongsu::gateway {

/// A message to an age group that keeps every rule.
struct BulkOrder {
  events::AgeGroup age_group = events::AgeGroup::kTwenties;
  events::Channel channel = events::Channel::kKakao;
  std::optional<events::Channel> fallback;
  events::Purpose purpose = events::Purpose::kTransactional;
  PrivateText message;
};

/// Checks every field and adds all that is wrong to `errors`; the order counts only if nothing was added.
/// Jobs has the same rules; here they have Korean words. Pure.
BulkOrder check(BulkDraft draft, FieldErrors& errors);

/// As of a message: what two requests have in common that ask for the same.
std::string fingerprint(const BulkOrder& order);

}  // namespace bongsu::gateway

#pragma once
#include "sender.hpp"

#include <bongsu/delivery/row.hpp>

#include <string>
#include <string_view>

/// How an attempt's row ends. Pure.
namespace bongsu::delivery {

Row dead(Row row, std::string_view why, std::string message);

/// Too late. What may have gone out before is not known to be dead.
Row expired(Row row);

/// A former owner may have sent it, and the policy is not to send it again.
Row buried_unknown(Row row);

/// Its job is paused, or cancelled: nothing is sent. What may have gone out before is not known to be
/// suppressed.
Row called_off(Row row, const NextStep& step);

/// How the calls of an attempt look in the ledger.
Row end_of_attempt(Row row, const Attempted& attempted);

}  // namespace bongsu::delivery

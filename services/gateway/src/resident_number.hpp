#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/private.hpp>

#include <chrono>

namespace bongsu::gateway {

/// Reads the birth date out of a Korean resident registration number: YYMMDD, an optional hyphen, then
/// seven digits, of which the first tells the century (1, 2, 5, 6: 19xx; 3, 4, 7, 8: 20xx; 9, 0: 18xx).
/// The check digit is not tested: numbers issued since October 2020 have none. Nothing else of the
/// number is read, and the caller forgets it.
///
/// Errors: kInvalidArgument, detail "format" (not 13 digits) or "date" (no such day).
Result<std::chrono::year_month_day> birth_date_of(const PrivateText& resident_number);

}  // namespace bongsu::gateway

#pragma once
#include "report.hpp"

#include <bongsu/core/asio.hpp>

#include <string>

namespace bongsu::ctl {

/// Brings every service's schema up to date. `uri` is an administrator's.
/// Errors: kConflict when an applied file has changed since (it is named, nothing is done);
///   kUnavailable, kTimeout, kUnauthorized.
asio::awaitable<Result<Report>> migrate_database(std::string uri);

/// Every migration and when it was applied; not fine while one is pending.
asio::awaitable<Result<Report>> database_status(std::string uri);

}  // namespace bongsu::ctl

#pragma once
#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/http/language.hpp>

#include <boost/json/object.hpp>

/// Dead letters and replays as REST tells them. Pure.
namespace bongsu::gateway {

boost::json::object data_of(const deadletters::v1::ListDeadLettersResponse& page);
/// Warnings in the caller's language.
boost::json::object data_of(const deadletters::v1::Replay& replay, http::Language language);

}  // namespace bongsu::gateway

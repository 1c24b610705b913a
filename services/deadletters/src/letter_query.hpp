#pragma once
#include "letter.hpp"

#include <bongsu/postgres/params.hpp>

#include <string>

namespace bongsu::deadletters {

struct Statement {
  std::string sql;
  postgres::Params params;
};

/// The statement that gives (died_at, id) of what `query` looks for, the youngest first, behind `after`.
///
/// Its text is one of a few constants put together by which fields are set; every value is a parameter. Which
/// index leads: the narrowest field's (notification, recipient, replay, job, replays); else a walk along each
/// mix of channel, reason, code and state that there is; without any of them the place's own. So a page costs
/// the same among a thousand letters and among millions. Pure.
Statement places_statement(const Query& query, std::optional<Place> after, std::int32_t limit);

/// What `query` looks for as a condition on the table letter, its parameters appended to `params`. Pure.
std::string condition_of(const Query& query, postgres::Params& params);

}  // namespace bongsu::deadletters

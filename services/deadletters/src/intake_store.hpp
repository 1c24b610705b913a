#pragma once
#include "letter.hpp"

#include <bongsu/postgres/session.hpp>

namespace bongsu::deadletters {

/// Both work within the session's transaction. Errors: as postgres::Session.

/// Makes letters rows. One that is there already stays as it is; what had been decided before a letter came
/// holds. `letters` may hold one twice: the one that lies first counts.
asio::awaitable<Result<void>> write_letters(postgres::Session& session, std::vector<Letter> letters);

/// Files decisions as the topic tells them: of each letter the greatest revision holds, in whatever order
/// they come, with or without their letter.
asio::awaitable<Result<void>> write_told(postgres::Session& session, std::vector<Decision> decisions);

}  // namespace bongsu::deadletters

#include "members.hpp"

#include <bongsu/core/time.hpp>

#include <stdexcept>

#include <fmt/format.h>

namespace bongsu::bench {

void import_members(support::Stack& stack, int count) {
  const std::chrono::sys_days first{std::chrono::year{1999} / std::chrono::January / 1};
  for (int done = 0; done < count;) {
    std::string lines;
    for (int i = 0; i < 1000 && done < count; ++i, ++done) {
      const std::chrono::year_month_day born{first + std::chrono::days{done % 2000}};
      lines += fmt::format(
          R"({{"userId":"member-{0}","email":"m{0}@example.com","name":"회원{0}","phone":"010-{1:04}-{2:04}","birthDate":"{3}"}})"
          "\n",
          done, 1000 + done / 10'000, done % 10'000, to_string(born));
    }
    const auto answer = stack.import_members(lines);
    const bool all = answer.status == 200 && answer.json().at("data").at("rejected").as_array().empty();
    if (!all) throw std::runtime_error("the import was refused: " + answer.body);
  }
}

}  // namespace bongsu::bench

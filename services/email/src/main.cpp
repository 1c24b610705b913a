#include "email_channel.hpp"
#include "settings.hpp"
#include "template_files.hpp"
#include "welcome_mail.hpp"

#include <bongsu/host/channel.hpp>
#include <bongsu/host/host.hpp>
#include <bongsu/smtp/client.hpp>

namespace bongsu::email {
namespace {

asio::awaitable<Result<void>> run(host::Host& host) {
  const auto settings = host.settings<Settings>();
  const auto files = settings.mail.templates_folder.empty() ? built_in_templates()
                                                            : read_templates(settings.mail.templates_folder);
  if (!files) co_return std::unexpected(files.error());
  const auto welcome = WelcomeMail::load(*files, settings.mail.sender.name);
  if (!welcome) co_return std::unexpected(welcome.error());
  smtp::Client client{host.executor(), settings.mail.smtp};
  EmailChannel channel{client,
                       host.clock(),
                       settings.mail.sender,
                       *welcome,
                       settings.mail.smtp.timeout,
                       settings.mail.smtp.connections};
  co_return co_await host::serve(host, {.kind = events::Channel::kEmail, .signups = true}, channel,
                                 settings.channel);
}

}  // namespace
}  // namespace bongsu::email

int main(int argc, char** argv) { return bongsu::host::run("email", argc, argv, bongsu::email::run); }

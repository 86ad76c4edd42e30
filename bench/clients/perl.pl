# Calls through libvirt's C client, for side.ts: perl.pl WORK COUNT URI. One at a time: Perl has no threads to speak of.
use strict;
use warnings;
use Sys::Virt;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

$| = 1;
my ($work, undef, $uri) = @ARGV;

sub connect_and_call {
    Sys::Virt->new(uri => $uri)->get_library_version;
    return 1;
}

sub all_xml {
    my ($connection) = @_;
    my @domains = $connection->list_all_domains;
    $_->get_xml_description for @domains;
    return scalar @domains;
}

sub chosen {
    return \&connect_and_call if $work eq "connect";
    my $connection = Sys::Virt->new(uri => $uri);
    if ($work eq "getInfo") {
        my $domain = $connection->get_domain_by_name("test");
        return sub { $domain->get_info; return 1 };
    }
    my %works = (
        getLibVersion => sub { $connection->get_library_version; return 1 },
        list => sub { return scalar(my @domains = $connection->list_all_domains) },
        listXML => sub { return all_xml($connection) },
        stats => sub { return scalar(my @records = $connection->get_all_domain_stats(0)) },
    );
    return $works{$work};
}

my $once = chosen();
while (my $line = <STDIN>) {
    my $cpu = clock_gettime(Time::HiRes::CLOCK_PROCESS_CPUTIME_ID());
    my $start = clock_gettime(CLOCK_MONOTONIC);
    my $items = 0;
    do { $items += $once->() } while (clock_gettime(CLOCK_MONOTONIC) < $start + $line / 1000);
    my $ms = (clock_gettime(CLOCK_MONOTONIC) - $start) * 1000;
    my $cpu_ms = (clock_gettime(Time::HiRes::CLOCK_PROCESS_CPUTIME_ID()) - $cpu) * 1000;
    print qq({"items":$items,"ms":$ms,"cpuMs":$cpu_ms}\n);
}

# What a program with Sys::Virt sees of the test driver: client.pl URI.
#
# It does something with every kind of object, in the folder where the definitions are, and prints what came of each
# step, and at last the events.
use strict;
use warnings;

use Data::Dumper;
use Sys::Virt;
use Sys::Virt::Event;

$Data::Dumper::Indent   = 0;
$Data::Dumper::Sortkeys = 1;
$Data::Dumper::Terse    = 1;

my ($uri) = @ARGV;
my $last = "<domain type='test'><name>the-last-one</name><memory>1</memory><os><type>hvm</type></os></domain>";

sub definition {
    my ($name) = @_;
    open my $file, "<", "$name.xml" or die "$name: $!";
    local $/;
    return <$file>;
}

# Objects by their names.
sub shown {
    my ($value) = @_;
    return $value unless ref $value;
    return [map { shown($_) } @$value] if ref($value) eq "ARRAY";
    return $value->get_name if ref($value) =~ /^Sys::Virt::/;
    return $value;
}

# Takes a step and prints what came of it.
sub take {
    my ($step, $act) = @_;
    my @values = eval { $act->() };
    my $error  = $@;
    if ($error) {
        die $error unless ref $error;
        @values = ($error->code, $error->domain, $error->message);
    }
    print "$step: ", Dumper(shown(\@values)), "\n";
}

sub names { return sort map { $_->get_name } @_ }

# Notes the events of all kinds of objects; tells by the reference when the last domain is defined.
sub watch {
    my ($conn, $seen, $ended) = @_;
    my $note = sub {
        my ($kind) = @_;
        return sub {
            my (undef, $thing, @details) = @_;
            push @$seen, join " ", $kind, $thing->get_name, @details;
        };
    };
    $conn->domain_event_register_any(
        undef,
        Sys::Virt::Domain::EVENT_ID_LIFECYCLE,
        sub {
            my (undef, $domain, $event, $detail) = @_;
            if ($domain->get_name eq "the-last-one") { $$ended = 1 }
            else { push @$seen, join " ", "domain", $domain->get_name, $event, $detail }
        },
    );
    $conn->network_event_register_any(undef, Sys::Virt::Network::EVENT_ID_LIFECYCLE, $note->("network"));
    $conn->storage_pool_event_register_any(undef, Sys::Virt::StoragePool::EVENT_ID_LIFECYCLE, $note->("pool"));
    $conn->storage_pool_event_register_any(undef, Sys::Virt::StoragePool::EVENT_ID_REFRESH, $note->("refresh"));
    $conn->node_device_event_register_any(undef, Sys::Virt::NodeDevice::EVENT_ID_LIFECYCLE, $note->("device"));
    return;
}

sub use_host {
    my ($conn) = @_;
    take("type", sub { $conn->get_type });
    take("host", sub { $conn->get_hostname });
    take("version", sub { $conn->get_version });
    take("node", sub { $conn->get_node_info });
    take("safe", sub { [$conn->is_secure, $conn->is_encrypted, $conn->is_alive] });
    take("no such UUID", sub { $conn->get_domain_by_uuid("0f4ab6e2-5e5c-4f4c-9d3b-2f6f1c1d7a1f") });
    return;
}

sub use_domains {
    my ($conn) = @_;
    my $domain = $conn->define_domain(definition("web"));
    take("UUID", sub { $domain->get_uuid_string });
    take("create", sub { $domain->create });
    take("ID", sub { $domain->get_id });
    take("state", sub { [$domain->get_state] });
    take("XML", sub { $domain->get_xml_description });
    take("vCPUs", sub { $domain->set_vcpus(2) });
    take("maximum", sub { $domain->get_max_vcpus });
    take("memory", sub { $domain->set_memory(32768) });
    take("bounds", sub { $domain->get_memory_parameters });
    take("IO threads", sub { [$domain->add_iothread(3), map { $_->{number} } $domain->get_iothread_info] });
    take("names", sub { $domain->get_hostname });
    take("its disk", sub { $domain->get_block_info("vda") });
    take("no disk of its", sub { $domain->get_block_info("vdz") });
    take("snapshot", sub { $domain->create_snapshot("<domainsnapshot><name>first</name></domainsnapshot>") });
    take("current", sub { $domain->current_snapshot });
    take("snapshots", sub { names($domain->list_all_snapshots) });
    take("dump", sub { $domain->core_dump("web.core") });
    take("save", sub { $domain->save("web.saved") });
    take("restore", sub { $conn->restore_domain("web.saved") });
    take("undefine", sub { $domain->undefine });
    take("delete", sub { $domain->get_snapshot_by_name("first")->delete });
    take("destroy", sub { $domain->destroy });
    take("undefine", sub { $domain->undefine });
    take("domains", sub { names($conn->list_all_domains) });
    return;
}

sub use_networks {
    my ($conn) = @_;
    my $network = $conn->define_network(definition("net"));
    take("start", sub { $network->create });
    take("bridge", sub { $network->get_bridge_name });
    take("XML", sub { $network->get_xml_description });
    take("networks", sub { names($conn->list_all_networks) });
    take("stop", sub { $network->destroy });
    take("undefine", sub { $network->undefine });
    take("gone", sub { $network->is_active });
    return;
}

sub use_interfaces {
    my ($conn) = @_;
    my $interface = $conn->define_interface(definition("iface"));
    take("start", sub { $interface->create });
    take("MAC address", sub { $interface->get_mac });
    take("interfaces", sub { names($conn->list_all_interfaces) });
    take("stop", sub { $interface->destroy });
    take("undefine", sub { $interface->undefine });
    return;
}

sub use_storage {
    my ($conn) = @_;
    my $pool = $conn->define_storage_pool(definition("pool"));
    take("start", sub { $pool->create });
    take("refresh", sub { $pool->refresh });
    my $volume = $pool->create_volume(definition("vol"));
    take("volume", sub { $volume->get_info });
    take("XML", sub { $volume->get_xml_description });
    take("volumes", sub { names($pool->list_all_volumes) });
    take("resize", sub { $volume->resize(8 << 20) });
    take("delete", sub { $volume->delete });
    take("pool", sub { $pool->get_info });
    take("stop", sub { $pool->destroy });
    take("undefine", sub { $pool->undefine });
    take("gone", sub { $conn->get_storage_pool_by_name("store") });
    return;
}

sub use_devices {
    my ($conn) = @_;
    my $device = $conn->create_node_device(definition("vhba"));
    take("made", sub { [$device->get_name, $device->get_parent, $device->list_capabilities] });
    take("devices", sub { names($conn->list_all_node_devices) });
    take("destroy", sub { $device->destroy });
    take("gone", sub { $conn->get_node_device_by_name("scsi_host12") });
    return;
}

Sys::Virt::Event::register_default();
my $conn = Sys::Virt->new(uri => $uri);
$conn->set_keep_alive(1, 3);
my (@events, $ended);
watch($conn, \@events, \$ended);
use_host($conn);
use_domains($conn);
use_networks($conn);
use_interfaces($conn);
use_storage($conn);
use_devices($conn);
$conn->define_domain($last)->undefine;

# Long enough for pings to and fro.
my $rested;
Sys::Virt::Event::add_timeout(1500, sub { $rested = 1 });
Sys::Virt::Event::run_default() until $ended && $rested;
print "$_\n" for @events;
print "still there: ", $conn->is_alive, "\n";

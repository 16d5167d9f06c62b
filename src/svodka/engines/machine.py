"""Where the arithmetic can run here, and what kind of processor that is."""

import torch

from svodka.errors import ConfigError


def machine_kind(device: torch.device) -> str:
    """Name of a kind of processor: two machines of one kind run the same kernels.

    On a CPU the vector extensions that torch uses and the matrix extensions that oneDNN looks for (`AVX512 amx`),
    else the accelerator's name.
    """
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    if device.type != "cpu":
        return device.type
    looks = {"amx": "_is_amx_tile_supported", "bf16": "_is_avx512_bf16_supported", "vnni": "_is_vnni_supported"}
    # The functions are torch's own and not promised; without one, its extension counts as missing.
    found = [name for name, look in looks.items() if getattr(torch.cpu, look, lambda: False)()]
    return " ".join([torch.backends.cpu.get_cpu_capability(), *found])


def find_device(name: str | None) -> torch.device:
    """A device by name; None takes an accelerator if there is one.

    Raises:
        ConfigError: no such device here.
    """
    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator if accelerator is not None else torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ConfigError(f"device '{name}' is not available here: {str(error).splitlines()[0]}") from error
    if device.type == "meta":
        raise ConfigError("device 'meta' keeps shapes without numbers and gives no results; use cpu or an accelerator")
    return device

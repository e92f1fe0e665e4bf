"""The embedded engine as a calculator of ubermag, with the interface of oommfc and mumax3c.

`TimeDriver`, `MinDriver`, `HysteresisDriver` and `RelaxDriver` (which oommfc does not have) drive a
`micromagneticmodel.System` and write the folders that `micromagneticdata` opens; `EnsembleDriver`
drives many thermal replicas of one; `compute` evaluates energies, their densities and effective
fields; `delete` removes a system's folders. All drivers take `fixed_subregions`, names of the
mesh's subregions whose cells keep their magnetisation. Meshes may be periodic along any axes, with
or without a demagnetising field.

Drivers that minimise or relax (`MinDriver`, `HysteresisDriver`, `RelaxDriver`) ignore a
temperature, as in OOMMF, and warn if `system.T` is above 0: a coercive field that they find is that
at 0 K.

Evolvers are those of oommfc, so that its scripts run. They say what kind of drive it is (thermal
or not, minimisation or dynamics) and carry `uniform_seed` and the time step; the scheme is always
the engine's own. Their other attributes only go into the OOMMF problem that is written with each
drive.
"""

from oommfc import CGEvolver as CGEvolver
from oommfc import EulerEvolver as EulerEvolver
from oommfc import RungeKuttaEvolver as RungeKuttaEvolver
from oommfc import SpinTEvolver as SpinTEvolver
from oommfc import SpinXferEvolver as SpinXferEvolver
from oommfc import UHH_ThetaEvolver as UHH_ThetaEvolver
from oommfc import Xf_ThermHeunEvolver as Xf_ThermHeunEvolver
from oommfc import Xf_ThermSpinXferEvolver as Xf_ThermSpinXferEvolver

from micromag.calculator.arguments import delete as delete
from micromag.calculator.compute import compute as compute
from micromag.calculator.hysteresis import HysteresisDriver as HysteresisDriver
from micromag.calculator.minimisation import MinDriver as MinDriver
from micromag.calculator.relaxation import RelaxDriver as RelaxDriver
from micromag.calculator.replicas import EnsembleDriver as EnsembleDriver
from micromag.calculator.time_driver import TimeDriver as TimeDriver

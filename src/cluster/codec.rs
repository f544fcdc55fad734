//! The plan as a message: its study goes as it is, all that is Ballista's goes Ballista's way.
//! What the study is lives in `wire`.

use std::sync::Arc;

use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use super::maker::Workshop;
use super::plan::{MakeParts, says};
use super::wire::check_program;

/// First bytes of a plan of ours: none that a message of Ballista begins with.
const MAGIC: &[u8] = b"\xffdrawsim-study\n";

/// Which role reads plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Refuses a study of another program at once.
    Scheduler,
    /// Refuses it when it is to be made, so that the job fails with the reason.
    Other,
}

/// Reads and writes plans.
#[derive(Debug)]
pub(super) struct Codec {
    role: Role,
    workshop: Arc<Workshop>,
    ballista: BallistaPhysicalExtensionCodec,
}

impl Codec {
    pub fn new(role: Role) -> Arc<Self> {
        Codec::with(role, Workshop::default())
    }

    /// That of a role with a place where plans that are read make their parts.
    pub fn with(role: Role, workshop: Workshop) -> Arc<Self> {
        Arc::new(Codec {
            role,
            workshop: Arc::new(workshop),
            ballista: BallistaPhysicalExtensionCodec::default(),
        })
    }
}

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(study) = bytes.strip_prefix(MAGIC) else {
            return self.ballista.try_decode(bytes, inputs, context, converter);
        };
        let [asked] = inputs else {
            return Err(says("the plan has one input"));
        };
        if self.role == Role::Scheduler {
            check_program(study, "scheduler").map_err(|error| says(&error.to_string()))?;
        }
        let workshop = Arc::clone(&self.workshop);
        Ok(Arc::new(MakeParts::new(
            study.into(),
            Arc::clone(asked),
            workshop,
        )))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        to: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some(make) = node.downcast_ref::<MakeParts>() else {
            return self.ballista.try_encode(node, to, converter);
        };
        to.extend(MAGIC);
        to.extend(&**make.study());
        Ok(())
    }
}

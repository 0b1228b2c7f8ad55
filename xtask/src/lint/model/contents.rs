//! What is in the image at a moment of the build: accounts, packages, programs.

use crate::lint::model::facts::{Fact, Topic};
use crate::lint::model::knowledge::{Account, Inherited, Known, Package};
use crate::lint::model::{Moment, programs};

impl<'m> Moment<'m> {
    /// A user of this name or number exists. Unknown if it may come with the base image, from a script or a package,
    /// or from a file that is copied over `/etc/passwd`. Of `user:group` the user counts.
    #[must_use]
    pub fn has_user(self, name: &str) -> Known<bool> {
        self.has_account(name.split(':').next().unwrap_or_default(), false)
    }

    /// A group of this name or number exists. Of `user:group` the group counts.
    #[must_use]
    pub fn has_group(self, name: &str) -> Known<bool> {
        self.has_account(name.rsplit(':').next().unwrap_or_default(), true)
    }

    fn has_account(self, name: &str, is_group: bool) -> Known<bool> {
        let number = name.parse::<u32>().ok();
        let mut may_be_there = false;
        for at in self.lineage_about(Topic::Accounts) {
            for change in at.changes(Topic::Accounts).rev() {
                match &change.value {
                    Fact::Account(account) if account.is_group == is_group => {
                        if account.name == name || number.is_some() && account.id == number {
                            return Known::Yes(true);
                        }
                        // It has some number.
                        may_be_there |= number.is_some() && account.id.is_none();
                    }
                    Fact::AccountRemoved {
                        name: removed,
                        is_group: group,
                    } if *group == is_group && removed == name => {
                        return if may_be_there {
                            Known::Unknown
                        } else {
                            Known::Yes(false)
                        };
                    }
                    Fact::AccountsReplaced => return Known::Unknown,
                    Fact::AccountsMayGrow => may_be_there = true,
                    Fact::Package(package) => {
                        may_be_there |= programs::may_make_account(&package.name.value, name);
                    }
                    _ => {}
                }
            }
        }
        let at_first = match self.base_image() {
            // Without `/etc/passwd` root is still root.
            None => Known::Yes(matches!(name, "root" | "0")),
            Some(image) => image.has_account(name, is_group),
        };
        match at_first {
            Known::Yes(false) if may_be_there => Known::Unknown,
            known => known,
        }
    }

    /// The users and groups that stages of this repository created, in order.
    #[must_use]
    pub fn created_accounts(self) -> Vec<&'m Account> {
        let topic = Topic::NamedAccounts;
        let above = std::iter::successors(Some(self), |at| at.above(topic));
        let mut stages: Vec<Moment<'m>> = above.collect();
        stages.reverse();
        let elsewhere = &self.root().facts().inherited_accounts;
        let mut accounts: Vec<&Account> = elsewhere.iter().collect();
        for change in stages.into_iter().flat_map(|at| at.changes(topic)) {
            match &change.value {
                Fact::Account(account) => accounts.push(account),
                Fact::AccountRemoved { name, is_group } => {
                    accounts.retain(|a| a.is_group != *is_group || a.name != *name);
                }
                _ => {}
            }
        }
        accounts
    }

    /// The last user (or group) of a name among [`Moment::created_accounts`].
    #[must_use]
    pub fn created_account(self, name: &str, is_group: bool) -> Option<&'m Account> {
        let topic = Topic::NamedAccounts;
        for at in std::iter::successors(Some(self), |at| at.above(topic)) {
            for change in at.changes(topic).rev() {
                match &change.value {
                    Fact::Account(account)
                        if account.is_group == is_group && account.name == name =>
                    {
                        return Some(account);
                    }
                    Fact::AccountRemoved {
                        name: removed,
                        is_group: group,
                    } if *group == is_group && removed == name => return None,
                    _ => {}
                }
            }
        }
        let elsewhere = self.root().facts().inherited_accounts.iter();
        elsewhere
            .rev()
            .find(|account| account.is_group == is_group && account.name == name)
    }

    /// The packages that stages of this repository installed, in order, those removed again left out.
    #[must_use]
    pub fn packages(self) -> Vec<&'m Package> {
        self.installed()
            .into_iter()
            .map(|found| found.value)
            .collect()
    }

    /// As [`Moment::packages`], with the stage and the place where each was installed.
    #[must_use]
    pub fn installed(self) -> Vec<Inherited<'m, &'m Package>> {
        let mut packages: Vec<Inherited<'m, &'m Package>> = Vec::new();
        for found in self.all(Topic::Packages, Some) {
            match found.value {
                Fact::Package(package) => packages.push(found.inherited(package)),
                Fact::PackageRemoved { manager, name } => {
                    packages.retain(|p| p.value.manager != *manager || p.value.name.value != *name);
                }
                _ => {}
            }
        }
        packages
    }

    /// Whether a program can be started: from the base image, from a package whose name or known contents say so.
    /// Unknown if files are copied into a folder of `PATH`, or the base is not known.
    #[must_use]
    pub fn has_program(self, program: &str) -> Known<bool> {
        let mut may_be_there = false;
        for at in self.lineage_about(Topic::Programs) {
            for change in at.changes(Topic::Programs).rev() {
                match &change.value {
                    Fact::Program(name) if name == program => return Known::Yes(true),
                    Fact::ProgramsMayGrow => may_be_there = true,
                    Fact::Package(package) => {
                        match programs::brings(package.manager, &package.name.value, program) {
                            Known::Yes(true) => return Known::Yes(true),
                            Known::Yes(false) => {}
                            Known::Unknown => may_be_there = true,
                        }
                    }
                    // It may have come with something else, too.
                    Fact::PackageRemoved { manager, name }
                        if programs::brings(manager, name, program) != Known::Yes(false) =>
                    {
                        return Known::Unknown;
                    }
                    _ => {}
                }
            }
        }
        let at_first = match self.base_image() {
            None => Known::Yes(false),
            Some(image) => image.has_program(program),
        };
        match at_first {
            Known::Yes(false) if may_be_there => Known::Unknown,
            known => known,
        }
    }
}
